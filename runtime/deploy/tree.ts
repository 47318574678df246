import { join } from "node:path";
import { isExposed } from "../core/permissions/exposed.ts";
import { isIgnored } from "../discover/names.ts";

/** What stands at a path. */
export interface TreeEntry {
  readonly kind: "file" | "folder" | "link" | "other";
  /** Whether everybody may write it. */
  readonly exposed: boolean;
  /** Permission bits; `null` where the system has none. */
  readonly mode: number | null;
}

/** A folder and everything in it by its path below, with `/` between names; the folder itself is `""`. */
export type Tree = ReadonlyMap<string, TreeEntry>;

// As many as a functions folder may hold.
const maxEntries = 20_000;

/**
 * Reads what a folder holds, but for names that begin with `.` and `node_modules`; links are not followed. Rejects if
 * it cannot be read, or holds more than any functions folder would.
 */
export async function readTree(folder: string): Promise<Tree> {
  const tree = new Map([["", entryOf(folder, await Deno.stat(folder))]]);
  const walk = async (below: string) => {
    const entries = await Array.fromAsync(Deno.readDir(join(folder, below)));
    for (const { name, isDirectory } of entries.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
      if (isIgnored(name)) continue;
      if (tree.size > maxEntries) {
        throw new Error(`${folder} holds more than ${maxEntries} files and folders`);
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

/** What a path is by what the system says of it. */
export function entryOf(path: string, info: Deno.FileInfo): TreeEntry {
  const kind = info.isFile ? "file" : info.isDirectory ? "folder" : info.isSymlink ? "link" : "other";
  return { kind, exposed: kind !== "link" && isExposed(path, info), mode: info.mode };
}
