import { join } from "node:path";

const names = /^licen[cs]e/i;

/**
 * The licences of the npm packages in Hopper's package, by their folders. Throws if one has none, because it could not be
 * distributed.
 */
export async function licencesOf(folders: readonly string[]): Promise<string> {
  const texts = await Promise.all(folders.map(async (folder) => {
    const { name, version } = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
    const file = (await Array.fromAsync(Deno.readDir(folder))).find((entry) => names.test(entry.name));
    if (file === undefined) throw new Error(`The package ${name} has no licence`);
    return `${name} ${version}\n\n${(await Deno.readTextFile(join(folder, file.name))).trim()}\n`;
  }));
  return `Packages that are part of this one, and their licences.\n\n${texts.sort().join("\n\n")}`;
}
