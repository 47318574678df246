/**
 * Makes the documentation into a site of static pages with search: `deno task docs` writes it to `dist/site/`.
 *
 * All links are relative, so it can be served from any folder of any host; `deno task docs --serve` serves it on this
 * machine. markdown-it reads the pages, highlight.js colours their code and MiniSearch searches in them.
 */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { type Entry, frame, type Group } from "./site/frame.ts";
import { readPage } from "./site/page.ts";
import { serveSite } from "./site/serve.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const assets = join(root, ".ci/site/assets");

/** The pages that are not in `docs/`: the first one, and those at the end. */
const home: Entry = { file: "README.md", address: "index.html", title: "Hopper", description: "" };
const last: readonly Entry[] = [
  { file: "CONTRIBUTING.md", address: "contributing.html", title: "Contributing", description: "" },
  { file: "CHANGELOG.md", address: "changelog.html", title: "Changelog", description: "" },
];

/** The menu that docs/llms.txt describes: a group for each heading, an entry for each line of its list. */
export function menuOf(list: string): Group[] {
  return list.split(/^## /m).slice(1).map((part) => ({
    title: part.split("\n")[0]!,
    entries: [...part.matchAll(/^- \[(.+?)\]\((.+?)\.md\)(?:: (.*))?$/gm)].map(
      ([, title, name, description]): Entry => ({
        file: `docs/${name}.md`,
        address: addressOf(name!),
        title: title!,
        description: description ?? title!,
      }),
    ),
  }));
}

/** `rpc` is `rpc.html`, and `recipes/fan-in/README` is `recipes-fan-in.html`: all pages are in one folder. */
function addressOf(name: string): string {
  return `${name.toLowerCase().replace(/\/readme$/, "").replaceAll("/", "-")}.html`;
}

/** Writes the site to a folder, which is made anew. Gives the number of its pages. */
export async function buildSite(folder: string): Promise<number> {
  await Deno.remove(folder, { recursive: true }).catch(unlessMissing);
  await Deno.mkdir(folder, { recursive: true });
  const list = await Deno.readTextFile(join(root, "docs/llms.txt"));
  const description = /^> (.*)$/m.exec(list)?.[1] ?? "";
  const menu = menuOf(list);
  const groups: Group[] = menu.map((group, i) => ({
    title: group.title,
    entries: [
      ...i === 0 ? [{ ...home, description }] : [],
      ...group.entries,
      ...i === menu.length - 1 ? last : [],
    ],
  }));
  const entries = groups.flatMap((group) => group.entries);
  const others = await writeOthers(folder);
  const addresses = new Map([...others, ...entries.map(({ file, address }) => [file, address] as const)]);

  const sections = await Promise.all(entries.map(async (entry) => {
    const page = readPage(entry.file, await Deno.readTextFile(join(root, entry.file)), addresses);
    await Deno.writeTextFile(join(folder, entry.address), frame(page, entry, groups));
    return page.sections.map(({ id, level, title, text }) => ({
      page: entry.title,
      title,
      text,
      address: level === 1 ? entry.address : `${entry.address}#${id}`,
    }));
  }));
  await Deno.writeTextFile(join(folder, "sections.json"), JSON.stringify(sections.flat()));
  return entries.length;
}

/** Writes what is no page. Gives the addresses of files of the repository among it. */
async function writeOthers(folder: string): Promise<[string, string][]> {
  for (const name of ["style.css", "icon.svg"]) await Deno.copyFile(join(assets, name), join(folder, name));
  await esbuild.build({
    entryPoints: [join(assets, "search.js")],
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    alias: { minisearch: fileURLToPath(import.meta.resolve("minisearch")) },
    logLevel: "warning",
  });
  await esbuild.stop();
  const copied: [string, string][] = [];
  // Programs that read documentation take the pages as they were written, by llms.txt.
  for await (const { name } of Deno.readDir(join(root, "docs"))) {
    await cp(join(root, "docs", name), join(folder, name), { recursive: true });
    copied.push([`docs/${name}`, name]);
  }
  return copied;
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) {
  const folder = join(root, "dist/site");
  const count = await buildSite(folder);
  console.log(`${folder}   ${count} pages`);
  if (Deno.args.includes("--serve")) {
    const { url } = serveSite(folder);
    console.log(`${url}   until Ctrl+C`);
  }
}
