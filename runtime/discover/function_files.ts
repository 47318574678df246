import { basename, dirname, relative, sep } from "node:path";
import type { FileProblem, FunctionFile } from "../core/declared.ts";
import { describeError } from "../core/api/errors.ts";
import { exposure } from "../core/permissions/exposed.ts";
import { shownPath } from "../core/text/shown_path.ts";
import type { LinkStat } from "./folder/content.ts";
import { codeExtension, isCode, isConfiguration, isHelper } from "./folder/names.ts";
import type { Snapshot } from "./folder/snapshot.ts";
import type { Walked } from "./folder/walk.ts";

/** The function files of a folder, and what keeps others from being some. */
export interface FunctionFiles {
  /** In the order of their paths. */
  readonly files: readonly FunctionFile[];
  readonly problems: readonly FileProblem[];
}

/**
 * The function files in a snapshot of a folder. Names that begin with `_` or `.`, tests (`x_test.ts`, `x.test.ts`) and
 * type declarations are no functions. What everybody may write is refused: whoever writes a file decides what runs.
 */
export function functionFiles({ walked, files: seen }: Snapshot): FunctionFiles {
  if (walked === undefined) return { files: [], problems: [] };
  const { folder: root } = walked.place;
  const { problems, refused } = checkFolders(walked);
  const isOpen = (path: string) => path.startsWith(root + sep) && !refused.has(dirname(path));
  const files: FunctionFile[] = [];
  for (const [path, { exposed, link }] of seen) {
    if (!isOpen(path)) continue;
    const file = shownPath(path);
    if (isConfiguration(basename(path))) problems.push(misplaced(file));
    const ofHelpers = isOfHelpers(path, root);
    // Helpers are checked too: they run with the functions that import them.
    const fault = link && !ofHelpers ? faultOfLink(path, link, walked.realPath) : undefined;
    if (fault !== undefined) problems.push({ file, message: fault, fix: "put a copy in its place" });
    else if (!isCode(path)) continue;
    else if (exposed) problems.push(exposure(file, "file"));
    else if (!ofHelpers) files.push({ name: nameOf(relative(root, path)), path, file });
  }
  for (const path of walked.notFiles) {
    if (isOpen(path) && isCode(path) && !isOfHelpers(path, root)) problems.push(notAFile(shownPath(path)));
  }
  files.sort((a, b) => a.path < b.path ? -1 : 1);
  return withoutNamesakes(files, problems);
}

/** What is wrong with folders, and those whose files do not count for that. */
function checkFolders({ place: { folder: root }, folders }: Walked) {
  const problems: FileProblem[] = [];
  const refused = new Set<string>();
  for (const [folder, { exposed, unreadable }] of folders) {
    if (refused.has(dirname(folder))) refused.add(folder);
    else if (exposed) {
      refused.add(folder);
      problems.push(exposure(shownPath(folder), "folder"));
    } else if (unreadable !== undefined && !isOfHelpers(folder, root)) {
      problems.push(unreadableFolder(shownPath(folder), unreadable));
    }
  }
  return { problems, refused };
}

function isOfHelpers(path: string, root: string): boolean {
  return relative(root, path).split(sep).some(isHelper);
}

/** Why a link to what should be a function, or a folder of them, is not followed. */
function faultOfLink(path: string, { leadsTo, realPath }: LinkStat, realRoot: string): string | undefined {
  if (leadsTo === "folder") return "The link leads to a folder, and only links to files are followed";
  if (!isCode(path)) return undefined;
  if (leadsTo === "nothing") return "The link leads nowhere";
  return realPath?.startsWith(realRoot + sep) ? undefined : "The link leads out of the functions folder";
}

function misplaced(file: string): FileProblem {
  return {
    file,
    message:
      "Configuration inside the functions folder is not used: one function could decide how all of them load",
    fix: "move what it says into the deno.json above the functions folder, or remove it",
  };
}

function unreadableFolder(file: string, error: unknown): FileProblem {
  return {
    file,
    message: `The folder cannot be read: ${describeError(error)}`,
    fix: "let the user that runs Hopper read it",
  };
}

function notAFile(file: string): FileProblem {
  return { file, message: "It is a pipe, a socket or a device", fix: "put a file in its place" };
}

function nameOf(path: string): string {
  return path.replace(codeExtension, "").split(sep).join(".");
}

function withoutNamesakes(files: readonly FunctionFile[], problems: readonly FileProblem[]): FunctionFiles {
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
