import { createHash } from "node:crypto";

/** One version of a function's code: the local files it is made of, with the hashes of their contents. */
export interface Version {
  /** Equal for equal files with equal content. */
  readonly id: string;
  /** The absolute path of the function's file. */
  readonly entry: string;
  /** The absolute path of the folder that contains all its files. */
  readonly root: string;
  /** The absolute path of the deno.json it is loaded with. */
  readonly config: string | undefined;
  /** The hash of its own file and of each file it imports, also dynamically, by absolute path. */
  readonly modules: ReadonlyMap<string, string>;
  /** The hash of each file that says how these are loaded, such as deno.json. Its process may not read them. */
  readonly about: ReadonlyMap<string, string>;
  /** The absolute paths of the modules that deploy.config.ts puts around it, the outermost first. Missing: there are none. */
  readonly uses?: readonly string[];
  /** The packages that these files import, such as `npm:ms@2.1.3`. */
  readonly packages: readonly string[];
}

/** The hash of a file that does not exist. */
export const missing = "missing";

/** Makes a version, whose id is a hash of all its parts. */
export function versionOf(parts: Omit<Version, "id">): Version {
  const { entry, config, modules, about, packages, uses = [] } = parts;
  const all = JSON.stringify([entry, config, [...modules].sort(), [...about].sort(), packages, uses]);
  return { id: createHash("sha256").update(all).digest("hex").slice(0, 32), ...parts };
}
