import { join } from "node:path";

const names = /^licen[cs]e/i;

/** The heading above a licence in a README, and all that follows up to the next heading. */
const inReadme = /^#+ *licen[cs]e[^\n]*\n([\s\S]*?)(?=^#|$(?![\s\S]))/im;

/** What is read of a package.json. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly homepage?: string;
}

/**
 * The licences of the npm packages in Hopper's package, by their folders. Throws if one has none, because it could not be
 * distributed.
 */
export async function licencesOf(folders: readonly string[]): Promise<string> {
  const texts = await Promise.all(folders.map(async (folder) => {
    const manifest: Manifest = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
    const text = await textIn(folder) ?? named(manifest);
    if (text === undefined) throw new Error(`The package ${manifest.name} has no licence`);
    return `${manifest.name} ${manifest.version}\n\n${text.trim()}\n`;
  }));
  return `Packages that are part of this one, and their licences.\n\n${texts.sort().join("\n\n")}`;
}

/** The text of a licence: in a file of its own, or in the README. */
async function textIn(folder: string): Promise<string | undefined> {
  const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  const own = files.find((name) => names.test(name));
  if (own !== undefined) return await Deno.readTextFile(join(folder, own));
  const readme = files.find((name) => /^readme/i.test(name));
  const text = readme && inReadme.exec(await Deno.readTextFile(join(folder, readme)))?.[1]?.trim();
  return text === "" ? undefined : text;
}

/** Some packages only name their licence. */
function named({ license, homepage }: Manifest): string | undefined {
  return license && `Licence: ${license}${homepage === undefined ? "" : `, see ${homepage}`}`;
}
