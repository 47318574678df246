import { join } from "node:path";
import { isExposed } from "../../core/permissions/exposed.ts";
import { type FileStat, isGone, stampOf, statOf } from "./content.ts";
import { isConfiguration, isIgnored } from "./names.ts";

/** What is looked at. */
export interface Place {
  /** Absolute path of a folder. */
  readonly folder: string;
  /** Absolute paths of further files, which need not exist. */
  readonly files: Iterable<string>;
  /** Of which files the content counts, and not only when they were changed. Default: of code, and of `files`. */
  readonly content?: "code" | "all";
  /** A folder with more files is not walked. Default: no limit. */
  readonly maxFiles?: number;
}

/** A folder as the system describes it. */
export interface FolderStat {
  /** Times and such: another one whenever something comes, goes or is renamed in it. */
  readonly stamp: string;
  /** Whether everybody may write it. */
  readonly exposed: boolean;
  /** Why it could not be read. */
  readonly unreadable?: unknown;
}

/** What there is at a place, before any file is read. */
export interface Walked {
  readonly place: Place;
  /** When it was begun, to tell which of two is older. */
  readonly at: number;
  /** The folder's path at the end of all links. */
  readonly realPath: string;
  /** By absolute path; each folder comes after the one it lies in. */
  readonly folders: ReadonlyMap<string, FolderStat>;
  readonly files: ReadonlyMap<string, FileStat>;
  /** Pipes, sockets and devices. */
  readonly notFiles: readonly string[];
}

// Asking synchronously costs a fifth of the time, and this much of it at once holds up nobody.
const sliceMs = 1;

/**
 * Walks a folder, but for names that begin with `.` and `node_modules`. Links to files are followed, links to folders
 * are not. Rejects if the folder itself cannot be read, or holds too many files.
 */
export async function walk(place: Place): Promise<Walked> {
  const { folder, maxFiles = Infinity } = place;
  const at = performance.now();
  const realPath = await Deno.realPath(folder);
  const { folders, listed } = await list(folder, maxFiles);
  for (const path of place.files) if (!listed.has(path)) listed.set(path, false);
  if (listed.size > maxFiles) throw new Error(`It holds more than ${maxFiles} files`);
  const files = new Map<string, FileStat>();
  const notFiles: string[] = [];
  let since = performance.now();
  for (const [path, isExposedAbove] of listed) {
    const stat = statOf(path, isExposedAbove);
    if (stat !== undefined) files.set(path, stat);
    else if (isOther(path)) notFiles.push(path);
    if (performance.now() - since < sliceMs) continue;
    // Not setImmediate, which lets sockets wait.
    await new Promise((go) => setTimeout(go, 0));
    since = performance.now();
  }
  return { place, at, realPath, folders, files, notFiles };
}

/** Asks again about some files. Walks again only if something has come, gone or been renamed in a folder since. */
export async function walkAgain(walked: Walked, paths: readonly string[]): Promise<Walked> {
  for (const [folder, { stamp }] of walked.folders) {
    const now = await Deno.stat(folder).then(stampOf, () => "");
    if (now !== stamp) return await walk(walked.place);
  }
  const files = new Map(walked.files);
  for (const path of paths) {
    const stat = statOf(path, walked.files.get(path)?.isExposedAbove);
    if (stat !== undefined) files.set(path, stat);
    else files.delete(path);
  }
  return { ...walked, files };
}

/** What stands below a folder: the paths, each with whether a folder above it is exposed. */
interface Listing {
  readonly folders: Map<string, FolderStat>;
  readonly listed: Map<string, boolean>;
}

// Asynchronous, so that a file system that hangs holds up this look and not the process.
async function list(root: string, maxFiles: number): Promise<Listing> {
  const folders = new Map<string, FolderStat>();
  const listed = new Map<string, boolean>();
  const listBelow = async (folder: string, isExposedAbove: boolean) => {
    const info = await Deno.stat(folder);
    const exposed = isExposed(folder, info);
    folders.set(folder, { stamp: stampOf(info), exposed });
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isIgnored(name) && (isDirectory || !isConfiguration(name))) continue;
      if (listed.size > maxFiles) return;
      const path = join(folder, name);
      if (!isDirectory) listed.set(path, isExposedAbove || exposed);
      else await listBelow(path, isExposedAbove || exposed).catch((error) => noteUnread(path, error));
    }
  };
  const noteUnread = (path: string, unreadable: unknown) => {
    if (isGone(unreadable)) folders.delete(path);
    else folders.set(path, { stamp: "", exposed: false, ...folders.get(path), unreadable });
  };
  await listBelow(root, false);
  return { folders, listed };
}

function isOther(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory === false;
  } catch {
    return false;
  }
}
