import { join, relative, sep } from "node:path";
import type { FileProblem, FunctionFile } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import { exposure, isExposed } from "../core/permissions/exposed.ts";

/** What a folder holds. */
export interface Scan {
  readonly files: readonly FunctionFile[];
  readonly problems: readonly FileProblem[];
}

const extension = /\.[cm]?[jt]sx?$/;
/** What would say how the files beside it are loaded; that is for the folder above to say. */
const configuration = /^(?:deno\.jsonc?|\.npmrc)$/;
const notFunctions = /^_|\.d\.[cm]?ts$|[._](?:test|bench)\.[mc]?[jt]sx?$/;

/** Whether a file of this name may hold code that runs. */
export function isCode(name: string): boolean {
  return extension.test(name);
}

/** Whether nothing looks at a file or folder of this name: it begins with `.`, or is `node_modules`. */
export function isIgnored(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

/**
 * Finds the function files below a folder, in the order of their names. Names that begin with `_` or `.`, tests
 * (`x_test.ts`, `x.test.ts`) and type declarations are no functions. What everybody may write is refused: whoever
 * writes a file decides what runs. Rejects if the folder cannot be read.
 */
export async function scan(root: string): Promise<Scan> {
  const files: FunctionFile[] = [];
  const problems: FileProblem[] = [];
  const realRoot = await Deno.realPath(root);

  // Helpers are walked too: they run with the functions that import them, and are refused like these.
  const walk = async (folder: string, ofHelpers: boolean) => {
    if (isExposed(folder, await Deno.stat(folder))) {
      problems.push(exposure(shownPath(folder), "folder"));
      return;
    }
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (configuration.test(entry.name)) problems.push(misplaced(shownPath(path)));
      if (isIgnored(entry.name)) continue;
      const isHelper = ofHelpers || notFunctions.test(entry.name);
      if (entry.isDirectory) {
        await walk(path, isHelper).catch((error) => {
          if (!isHelper) problems.push(unreadable(shownPath(path), error));
        });
        continue;
      }
      const problem = await problemOf(entry, path, isHelper, realRoot);
      if (problem !== undefined) problems.push(problem);
      else if (!isHelper && isCode(entry.name)) {
        files.push({ name: nameOf(relative(root, path)), path, file: shownPath(path) });
      }
    }
  };
  await walk(root, false);

  files.sort((a, b) => a.path < b.path ? -1 : 1);
  return withoutNamesakes(files, problems);
}

function misplaced(file: string): FileProblem {
  return {
    file,
    message:
      "Configuration inside the functions folder is not used: one function could decide how all of them load",
    fix: "move what it says into the deno.json above the functions folder, or remove it",
  };
}

function unreadable(file: string, error: unknown): FileProblem {
  return {
    file,
    message: `The folder cannot be read: ${describeError(error)}`,
    fix: "let the user that runs Hopper read it",
  };
}

function nameOf(path: string): string {
  return path.replace(extension, "").split(sep).join(".");
}

/** A path as people are shown it: from where they are, if it is below. */
export function shownPath(path: string): string {
  const fromHere = relative(Deno.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere || ".";
}

async function problemOf(
  entry: Deno.DirEntry,
  path: string,
  isHelper: boolean,
  realRoot: string,
): Promise<FileProblem | undefined> {
  const file = shownPath(path);
  const fault = entry.isSymlink && !isHelper ? await linkFault(path, realRoot) : undefined;
  if (fault !== undefined) return { file, message: fault, fix: "put a copy in its place" };
  if (!isCode(entry.name)) return undefined;
  const info = await Deno.stat(path).catch(() => undefined);
  return info !== undefined && isExposed(path, info) ? exposure(file, "file") : undefined;
}

/** Why a link to what should be a function, or a folder of them, is not followed. */
async function linkFault(link: string, realRoot: string): Promise<string | undefined> {
  const target = await Deno.stat(link).catch(() => undefined);
  if (!target?.isDirectory && !isCode(link)) return undefined;
  if (target === undefined) return "The link leads nowhere";
  if (target.isDirectory) return "The link leads to a folder, and only links to files are followed";
  const inside = (await Deno.realPath(link)).startsWith(realRoot + sep);
  return inside ? undefined : "The link leads out of the functions folder";
}

function withoutNamesakes(files: readonly FunctionFile[], problems: readonly FileProblem[]): Scan {
  const byName = Map.groupBy(files, (file) => file.name);
  const namesakes = [...byName.values()].filter((group) => group.length > 1).flatMap((group) =>
    group.map(({ file, name }) => ({
      file,
      message: `The name '${name}' is also that of ${
        group.map((other) => other.file).filter((other) => other !== file).join(", ")
      }`,
      fix: "rename one of them",
    }))
  );
  return {
    files: files.filter((file) => byName.get(file.name)!.length === 1),
    problems: [...problems, ...namesakes],
  };
}
