import { createHash } from "node:crypto";

/** The code of a function at one time: the local files it is made of, by the hash of their content. */
export interface Version {
  /** The same for the same files with the same content. */
  readonly id: string;
  /** Absolute path of the function's file. */
  readonly entry: string;
  /** Absolute path of the folder that all its files are below. */
  readonly root: string;
  /** Absolute path of the deno.json it is loaded with. */
  readonly config: string | undefined;
  /** Hash of each file that it imports at once or later, the entry among them, by absolute path. */
  readonly modules: ReadonlyMap<string, string>;
  /** Hash of what says how these are loaded, such as deno.json, by absolute path. Its process may not read them. */
  readonly about: ReadonlyMap<string, string>;
  /** The packages that these files name, as `npm:ms@2.1.3`. */
  readonly packages: readonly string[];
}

/** What a file is hashed as that is not there. */
export const missing = "missing";

/** Names a version by what it is made of. */
export function versionOf(parts: Omit<Version, "id">): Version {
  const { entry, config, modules, about, packages } = parts;
  const all = JSON.stringify([entry, config, [...modules].sort(), [...about].sort(), packages]);
  return { id: createHash("sha256").update(all).digest("hex").slice(0, 32), ...parts };
}
