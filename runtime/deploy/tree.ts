import { join } from "node:path";
import { isExposed } from "../core/permissions/exposed.ts";
import { isIgnored } from "../discover/folder/names.ts";

/** What is at a path. */
export interface TreeEntry {
  readonly kind: "file" | "folder" | "link" | "other";
  /** Whether everybody may write it. */
  readonly exposed: boolean;
  /** Permission bits; `null` if the system has none. */
  readonly mode: number | null;
}

/** Everything in a folder, by its relative path with `/` between names. The folder itself is `""`. */
export type Tree = ReadonlyMap<string, TreeEntry>;

// The same limit as for a functions folder.
const maxEntries = 20_000;

/**
 * Reads the content of a folder, except `node_modules` and names that begin with `.`. Links are not followed. Rejects if
 * it cannot be read, or has more entries than a functions folder may have.
 */
export async function readTree(folder: string): Promise<Tree> {
  const tree = new Map([["", entryOf(folder, await Deno.stat(folder))]]);
  const walk = async (below: string) => {
    const entries = await Array.fromAsync(Deno.readDir(join(folder, below)));
    for (const { name, isDirectory } of entries.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
      if (isIgnored(name)) continue;
      if (tree.size > maxEntries) {
        throw new Error(`${folder} has more than ${maxEntries} files and folders`);
      }
      const path = below === "" ? name : `${below}/${name}`;
      const at = join(folder, path);
      tree.set(path, entryOf(at, await Deno.lstat(at)));
      if (isDirectory) await walk(path);
    }
  };
  await walk("");
  return tree;
}

/** Converts what the system says about a path. */
export function entryOf(path: string, info: Deno.FileInfo): TreeEntry {
  const kind = info.isFile ? "file" : info.isDirectory ? "folder" : info.isSymlink ? "link" : "other";
  return { kind, exposed: kind !== "link" && isExposed(path, info), mode: info.mode };
}
