/**
 * Checks the pages of documentation: links lead to files and headings that exist, docs/llms.txt lists each page,
 * transcripts are marked, and README.md is short.
 *
 * `deno run -A .ci/pages.ts` prints one line for each fault, and then exits 1.
 */

import { readdir } from "node:fs/promises";

/** README is what somebody reads first, and has to be short. */
const mostWords = 700;

const root = new URL("../", import.meta.url);

/** A link to a file of the project: `file` as it is written, `heading` without the `#`. */
export interface Link {
  readonly file: string;
  readonly heading: string;
}

/** The links of a page that lead to files of the project, or to its own headings. Code blocks have no links. */
export function linksIn(page: string): Link[] {
  return [...withoutCode(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = "", heading = ""] = target.split("#");
      return { file, heading };
    });
}

/** The headings of a page, as links name them. */
export function headingsIn(page: string): string[] {
  return headingIds([...withoutCode(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!));
}

/** How links name headings: `When a run fails` is `when-a-run-fails`, and a second one `when-a-run-fails-1`. */
export function headingIds(titles: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return titles.map((title) => {
    const id = title.toLowerCase().replace(/[^\p{L}\d\s_-]/gu, "").trim().replaceAll(" ", "-");
    const before = seen.get(id) ?? 0;
    seen.set(id, before + 1);
    return before === 0 ? id : `${id}-${before}`;
  });
}

function withoutCode(page: string): string {
  return page.replace(/^```[^]*?^```$/gm, "");
}

/** The words of a page, with those of its code, tables and links. */
export function wordsIn(page: string): number {
  return page.split(/\s+/).filter((word) => word !== "").length;
}

/** The commands with a prompt that stand outside of transcripts, where no test runs them. */
export function unmarkedCommandsIn(page: string): string[] {
  return [...page.matchAll(/^```(.*)\n([^]*?)^```$/gm)]
    .filter(([, language]) => language !== "sh transcript")
    .flatMap(([, , block]) => [...block!.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command!));
}

async function faultsIn(file: string): Promise<string[]> {
  const url = new URL(file, root);
  const page = await Deno.readTextFile(url);
  const unmarked = unmarkedCommandsIn(page).map((command) =>
    `${file} shows '$ ${command}' in a block that no test runs; begin it with \`\`\`sh transcript, or leave out the '$ '`
  );
  const faults = await Promise.all(
    linksIn(page).map(async (link): Promise<string[]> => {
      const target = link.file === "" ? url : new URL(link.file, url);
      const info = await Deno.stat(target).catch(() => undefined);
      if (info === undefined) return [`${file} links to '${link.file}', which does not exist`];
      if (link.heading === "" || headingsIn(await Deno.readTextFile(target)).includes(link.heading)) {
        return [];
      }
      return [`${file} links to '${link.file}#${link.heading}', which is not a heading there`];
    }),
  );
  return [...unmarked, ...faults.flat()];
}

if (import.meta.main) {
  const names = (await readdir(new URL("docs/", root), { recursive: true }))
    .filter((name) => name.endsWith(".md")).sort();
  const list = await Deno.readTextFile(new URL("docs/llms.txt", root));
  const pages = ["README.md", "CONTRIBUTING.md", "docs/llms.txt", ...names.map((name) => `docs/${name}`)];
  const readme = wordsIn(await Deno.readTextFile(new URL("README.md", root)));
  const faults = [
    ...readme > mostWords ? [`README.md has ${readme} words; it may have ${mostWords}`] : [],
    ...(await Promise.all(pages.map(faultsIn))).flat(),
    ...names.filter((name) => !linksIn(list).some(({ file }) => file === name))
      .map((name) => `docs/llms.txt does not list '${name}'`),
  ];
  for (const fault of faults) console.error(fault);
  console.log(`Pages: ${pages.length}, faults: ${faults.length}`);
  if (faults.length > 0) Deno.exit(1);
}
