import { join } from "node:path";

const names = /^licen[cs]e/i;

/**
 * The licences of the npm packages in Hopper's package. Throws if one has none, because it could not be distributed.
 */
export async function licencesOf(packages: readonly string[], modules: string): Promise<string> {
  const texts = await Promise.all(packages.map(async (name) => {
    const folder = join(modules, name);
    const { version } = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
    const file = (await Array.fromAsync(Deno.readDir(folder))).find((entry) => names.test(entry.name));
    if (file === undefined) throw new Error(`The package ${name} has no licence`);
    return `${name} ${version}\n\n${(await Deno.readTextFile(join(folder, file.name))).trim()}\n`;
  }));
  return `Packages that are part of this one, and their licences.\n\n${texts.join("\n\n")}`;
}
