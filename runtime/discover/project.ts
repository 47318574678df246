import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What function files are loaded with. */
export interface Project {
  /** Absolute path of the functions folder. */
  readonly folder: string;
  /** Absolute path of the folder that a function may import files from: that of deno.json, else the functions folder. */
  readonly root: string;
  /** Absolute path of the deno.json whose import map is used. Where the project has none it is Hopper's own, which knows `hopper`. */
  readonly config: string | undefined;
}

/**
 * The project of a functions folder: that of the nearest deno.json above it. A deno.json inside the folder is not used,
 * as whoever writes one function could decide how all of them are loaded.
 */
export async function projectOf(folder: string): Promise<Project> {
  for (let at = dirname(folder), below = folder; at !== below; [at, below] = [dirname(at), at]) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const config = join(at, name);
      if (await isFile(config)) return { folder, root: at, config };
    }
  }
  const own = new URL("../../deno.json", import.meta.url);
  const config = own.protocol === "file:" && await isFile(fileURLToPath(own))
    ? fileURLToPath(own)
    : undefined;
  return { folder, root: folder, config };
}

/** The files that decide how a project's code is loaded, by absolute path; they need not exist. */
export function configurationOf({ root, folder, config }: Project): string[] {
  if (config === undefined) return [];
  if (root === folder) return [config];
  return [config, ...["deno.lock", "package.json", ".npmrc"].map((name) => join(root, name))];
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}
