import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nearestConfig } from "../../core/nearest_config.ts";
import { ownConfig } from "../../core/own_files.ts";
import { workspaceOf } from "./workspace.ts";

/** What function files are loaded with. */
export interface Project {
  /** Absolute path of the functions folder. */
  readonly folder: string;
  /** Absolute path of the folder that a function may import files from: that of deno.json, or of its workspace; else the functions folder. */
  readonly root: string;
  /** Absolute path of the deno.json whose import map is used. Where the project has none it is Hopper's own, which knows `hopper`. */
  readonly config: string | undefined;
  /** The deno.json of the workspace's root and of its members, by absolute path, where the project is of one. */
  readonly workspace?: readonly string[];
}

/**
 * The project of a functions folder: that of the nearest deno.json above it. A deno.json inside the folder is not used,
 * as whoever writes one function could decide how all of them are loaded.
 */
export function projectOf(folder: string): Project {
  const config = nearestConfig(dirname(folder));
  if (config !== undefined) {
    const { root = dirname(config), configs: workspace } = workspaceOf(config) ?? {};
    return { folder, root, config, ...workspace && { workspace } };
  }
  const own = ownConfig.protocol === "file:" ? fileURLToPath(ownConfig) : undefined;
  return { folder, root: folder, config: own };
}

/** The files that decide how a project's code is loaded, by absolute path; they need not exist. */
export function configurationOf({ root, folder, config, workspace = [] }: Project): string[] {
  if (config === undefined) return [];
  if (root === folder) return [config];
  return [
    ...new Set([config, ...workspace]),
    ...["deno.lock", "package.json", ".npmrc"].map((name) => join(root, name)),
  ];
}
