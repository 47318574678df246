import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nearestConfig } from "../core/nearest_config.ts";
import { ownConfig } from "../core/own_files.ts";

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
export function projectOf(folder: string): Project {
  const config = nearestConfig(dirname(folder));
  if (config !== undefined) return { folder, root: dirname(config), config };
  const own = ownConfig.protocol === "file:" ? fileURLToPath(ownConfig) : undefined;
  return { folder, root: folder, config: own };
}

/** What says how a project's files are loaded, by absolute path; what is not there may come. */
export function configurationOf({ root, folder, config }: Project): string[] {
  if (config === undefined) return [];
  if (root === folder) return [config];
  return [config, ...["deno.lock", "package.json", ".npmrc"].map((name) => join(root, name))];
}
