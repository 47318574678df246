/**
 * Makes the picture of Hopper at work that README.md shows, light and dark, from a real run in a fresh project:
 * `deno task picture` writes it to `docs/picture-light.svg` and `docs/picture-dark.svg`.
 */

import { openSession } from "../tests/support/session.ts";

/** A terminal: what was typed and printed, line by line. */
export interface Terminal {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The colours of a picture. */
interface Colours {
  readonly ground: string;
  readonly bar: string;
  readonly line: string;
  readonly text: string;
  readonly quiet: string;
  readonly good: string;
}

const colours: Readonly<Record<"light" | "dark", Colours>> = {
  light: {
    ground: "#ffffff",
    bar: "#f4f6f7",
    line: "#dce1e5",
    text: "#1c2024",
    quiet: "#5a646d",
    good: "#0b6e4f",
  },
  dark: {
    ground: "#14181b",
    bar: "#1d2226",
    line: "#333a40",
    text: "#e3e6e8",
    quiet: "#9ba5ad",
    good: "#5cd6a8",
  },
};

/** Where the pictures are, by theme. */
export const pictures = {
  light: new URL("../docs/picture-light.svg", import.meta.url),
  dark: new URL("../docs/picture-dark.svg", import.meta.url),
};

/** Runs a new project and calls one of its functions, in two terminals. */
export async function record(): Promise<Terminal[]> {
  await using session = await openSession();
  await session.do("hopper init shop");
  await session.do("cd shop");
  const run = "deno task run";
  const serving = await session.serve(run);
  const other: string[] = [];
  for (
    const [command, done] of [
      [`deno task hopper call greet '{ "name": "world" }'`, "✓ greet"],
      [`deno task hopper send orders '{ "id": 1, "items": ["bolt"] }'`, "✓ orders"],
    ] as const
  ) {
    other.push(`$ ${command}`, ...await session.do(command));
    await serving.line((line) => line.includes(done));
  }
  return [
    { title: "shop", lines: [`$ ${run}`, ...serving.lines()] },
    { title: "another terminal", lines: other },
  ];
}

const size = { font: 13, wide: 7.8, line: 19, pad: 16, bar: 30, gap: 14 };

/** The terminals below each other, as SVG. */
export function draw(terminals: readonly Terminal[], theme: keyof typeof pictures): string {
  const { ground, bar, line, text, quiet, good } = colours[theme];
  const longest = Math.max(...terminals.flatMap(({ lines }) => lines.map((each) => each.length)));
  const width = Math.ceil(longest * size.wide + 2 * size.pad);
  let top = 0;
  const parts: string[] = [];
  for (const { title, lines } of terminals) {
    const height = size.bar + lines.length * size.line + 2 * size.pad - 6;
    const middle = top + size.bar / 2;
    parts.push(
      `<rect x=".5" y="${top + .5}" width="${width - 1}" height="${height}" rx="8" class="window"/>`,
      `<path d="M.5 ${top + size.bar}h${width - 1}" class="edge"/>`,
      ...[0, 1, 2].map((i) => `<circle cx="${18 + 16 * i}" cy="${middle}" r="5" class="dot"/>`),
      `<text x="${width / 2}" y="${middle + 4}" text-anchor="middle" class="quiet">${escape(title)}</text>`,
      ...lines.map((each, i) => textOf(each, top + size.bar + size.pad + 10 + i * size.line)),
    );
    top += height + size.gap;
  }
  const height = top - size.gap + 1;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>Hopper at work</title>
<style>
text { font: ${size.font}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: ${text}; white-space: pre }
.window { fill: ${ground}; stroke: ${line} } .edge { stroke: ${line} } .dot { fill: ${bar}; stroke: ${line} }
.quiet { fill: ${quiet} } .good { fill: ${good} } .typed { font-weight: 600 }
</style>
${parts.join("\n")}
</svg>
`;
}

function textOf(line: string, y: number): string {
  if (line === "") return "";
  const kind = line.startsWith("$ ") ? "typed" : line.startsWith(" FUNCTION") ? "quiet" : "";
  const content = escape(line).replace(/[✓+]/, (mark) => `<tspan class="good">${mark}</tspan>`);
  // Columns stand below each other whatever font there is.
  const length = (line.length * size.wide).toFixed(1);
  const shape = `x="${size.pad}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
  return `<text ${shape}${kind === "" ? "" : ` class="${kind}"`} xml:space="preserve">${content}</text>`;
}

/** The lines of text in a picture. */
export function linesOf(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*xml:space[^>]*>(.*)<\/text>/g)].map(([, content]) =>
    content!.replace(/<[^>]*>/g, "").replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  );
}

function escape(text: string): string {
  // XML has no place for control characters.
  return text.replace(/\p{Cc}/gu, "").replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}

if (import.meta.main) {
  const terminals = await record();
  for (const theme of ["light", "dark"] as const) {
    await Deno.writeTextFile(pictures[theme], draw(terminals, theme));
    console.log(pictures[theme].pathname);
  }
}
