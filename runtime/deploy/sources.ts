import { basename, dirname, resolve, sep } from "node:path";
import type { FileProblem } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import { isIgnored } from "../discover/names.ts";
import { entryOf, readTree, type Tree } from "./tree.ts";

/** A file, or a folder with all it holds, that shall be deployed. */
export interface Source {
  /** How whoever named it would name one of its paths. */
  shown(path: string): string;
  /** Absolute path of the folder that the tree's paths are below. */
  readonly root: string;
  readonly tree: Tree;
}

/** What was named, and what is wrong with it. */
export interface Sources {
  readonly sources: readonly Source[];
  readonly problems: readonly FileProblem[];
}

/** Reads the files and folders that were named to be deployed to a folder. Never rejects. */
export async function readSources(named: readonly string[], folder: string): Promise<Sources> {
  const read = await Promise.all(named.map((name) => readSource(name, folder)));
  const sources = read.filter((source) => "tree" in source);
  // What one folder holds is what the functions folder shall hold; of several, each is a folder in it.
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
    if (info.isSymlink) return problem("It is a link, and links are not placed", "name what it leads to");
    const overlap = overlapOf(await Deno.realPath(path), await Deno.realPath(folder));
    if (overlap !== undefined) return problem(overlap, "keep what is deployed apart from where it runs");
    if (info.isDirectory) {
      const tree = await readTree(path);
      const isEmpty = [...tree.values()].every(({ kind }) => kind === "folder");
      if (isEmpty) return problem("The folder holds no files", "name one that does");
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
      : problem(`It cannot be read: ${describeError(error)}`, "let the user that deploys read it");
  }
}

/** The same source with its files below its own name. */
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
  if (source.startsWith(folder + sep)) return "It lies in the folder to deploy to";
  if (folder.startsWith(source + sep)) return "It holds the folder to deploy to";
}
