import { basename, dirname, resolve, sep } from "node:path";
import type { FileProblem } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import { isIgnored } from "../discover/folder/names.ts";
import { entryOf, readTree, type Tree } from "./tree.ts";

/** A file, or a folder with its content, to deploy. */
export interface Source {
  /** A path in it, written in the same way as the user named the source. */
  shown(path: string): string;
  /** The absolute path that the tree's paths are relative to. */
  readonly root: string;
  readonly tree: Tree;
}

/** What was named, and what is wrong with it. */
export interface Sources {
  readonly sources: readonly Source[];
  readonly problems: readonly FileProblem[];
}

/** Reads the files and folders that the user wants to deploy to `folder`. Never rejects. */
export async function readSources(named: readonly string[], folder: string): Promise<Sources> {
  const read = await Promise.all(named.map((name) => readSource(name, folder)));
  const sources = read.filter((source) => "tree" in source);
  // The content of a single folder is placed itself. Of several folders, each becomes a folder.
  const several = sources.filter(({ tree }) => tree.has("")).length > 1;
  return {
    sources: several ? sources.map((source) => source.tree.has("") ? asFolder(source) : source) : sources,
    problems: read.filter((problem) => "message" in problem),
  };
}

async function readSource(named: string, folder: string): Promise<Source | FileProblem> {
  const problem = (message: string, fix: string): FileProblem => ({ file: named, message, fix });
  try {
    const path = resolve(named);
    const info = await Deno.lstat(path);
    if (info.isSymlink) return problem("It is a link, and links are not placed", "name its target");
    const overlap = overlapOf(await Deno.realPath(path), await Deno.realPath(folder));
    if (overlap !== undefined) return problem(overlap, "keep the sources outside of the functions folder");
    if (info.isDirectory) {
      const tree = await readTree(path);
      const isEmpty = [...tree.values()].every(({ kind }) => kind === "folder");
      if (isEmpty) return problem("The folder has no files", "name another folder");
      return {
        root: path,
        tree,
        shown: (below) => below === "" ? named : `${named.replace(/\/+$/, "")}/${below}`,
      };
    }
    const name = basename(path);
    if (isIgnored(name)) return problem(`'${name}' is ignored`, "give it another name");
    return { root: dirname(path), tree: new Map([[name, entryOf(path, info)]]), shown: () => named };
  } catch (error) {
    return error instanceof Deno.errors.NotFound
      ? problem("There is no such file or folder", "check the path")
      : problem(`It cannot be read: ${describeError(error)}`, "make it readable for the user that deploys");
  }
}

/** The same source, with its files in a folder of its own name. */
function asFolder({ root, tree, shown }: Source): Source {
  const name = basename(root);
  const below = [...tree].map(([path, entry]) => [path === "" ? name : `${name}/${path}`, entry] as const);
  return {
    root: dirname(root),
    tree: new Map(below),
    shown: (path) => shown(path.slice(name.length + 1)),
  };
}

function overlapOf(source: string, folder: string): string | undefined {
  if (source === folder) return "It is the folder to deploy to";
  if (source.startsWith(folder + sep)) return "It is in the folder to deploy to";
  if (folder.startsWith(source + sep)) return "It contains the folder to deploy to";
}
