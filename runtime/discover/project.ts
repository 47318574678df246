import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What function files are loaded with. */
export interface Project {
  /** Absolute path of the functions folder. */
  readonly folder: string;
  /** Absolute path of the folder that a function may import files from: that of deno.json, else the functions folder. */
  readonly root: string;
  /** Absolute path of the deno.json whose import map counts; Hopper's own, which knows `hopper`, where there is none. */
  readonly config: string | undefined;
}

/**
 * The project of a functions folder: that of the nearest deno.json above it. One inside the folder does not count, as
 * whoever writes a function would decide how all of them are loaded.
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

/** What says how a project's files are loaded, by absolute path; what is not there may come. */
export function configurationOf({ root, folder, config }: Project): string[] {
  if (config === undefined) return [];
  if (root === folder) return [config];
  return [config, ...["deno.lock", "package.json", ".npmrc"].map((name) => join(root, name))];
}

async function isFile(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isFile ?? false;
}
