import { createHash } from "node:crypto";
import { join, sep } from "node:path";
import { isExposed } from "../core/exposed.ts";
import { isIgnored } from "./scan.ts";

/** A file as it was when it was looked at. */
export interface Seen {
  /** Another one if and only if the content is, or where a link leads. */
  readonly hash: string;
  /** Whether everybody may write it, or a folder on the way to it from the one looked at, itself included. */
  readonly exposed: boolean;
  /** Times, size and such: while they are the same, the content is not read again. */
  readonly stamp: string;
  /** Whether it was changed so shortly before it was read that it may change again without another stamp. */
  readonly fresh: boolean;
}

/** Every file below a folder, and some beside it, by absolute path. */
export type Snapshot = ReadonlyMap<string, Seen>;

/** What is looked at. */
export interface Place {
  /** Absolute path of a folder. */
  readonly folder: string;
  /** Absolute paths of further files, which need not exist. */
  readonly files: Iterable<string>;
}

// A folder with more is no functions folder, and would cost too much to look through again and again.
const maxFiles = 20_000;

// What is larger is no code: its stamp stands for its content.
const maxHashed = 16 * 1024 * 1024;

// Some file systems count times in whole seconds, so that two changes may bear the same.
const freshMs = 3_000;

// Asking synchronously costs a fifth of the time, and this much of it at once holds up nobody.
const sliceMs = 1;

/** The paths that differ between two snapshots: those that are new, changed or gone, in order. */
export function diff(before: Snapshot, after: Snapshot): string[] {
  const changed = [...after.keys()].filter((path) => !isSame(before.get(path), after.get(path)));
  const gone = [...before.keys()].filter((path) => !after.has(path));
  return [...changed, ...gone].sort();
}

function isSame(before: Seen | undefined, after: Seen | undefined): boolean {
  return before?.hash === after?.hash && before?.exposed === after?.exposed;
}

/**
 * Looks at every file below a folder, but for names that begin with `.` and `node_modules`, and at the further files.
 * Only what may have changed since `before` is read. Links to files are followed, links to folders are not. Rejects
 * if the folder itself cannot be read; one below it that cannot be read counts as it was before.
 */
export async function look({ folder, files }: Place, before: Snapshot = new Map()): Promise<Snapshot> {
  const { listed, unreadable } = await list(folder);
  for (const path of files) if (!listed.has(path)) listed.set(path, false);
  if (listed.size > maxFiles) throw new Error(`It holds more than ${maxFiles} files`);
  const after = await seeAll(listed, before);
  for (const path of unreadable) {
    for (const [file, seen] of before) if (file.startsWith(path + sep)) after.set(file, seen);
  }
  return after;
}

async function seeAll(listed: ReadonlyMap<string, boolean>, before: Snapshot): Promise<Map<string, Seen>> {
  const after = new Map<string, Seen>();
  let since = performance.now();
  for (const [path, isExposedAbove] of listed) {
    const seen = await see(path, isExposedAbove, before.get(path));
    if (seen !== undefined) after.set(path, seen);
    if (performance.now() - since < sliceMs) continue;
    // Not setImmediate, which lets sockets wait.
    await new Promise((go) => setTimeout(go, 0));
    since = performance.now();
  }
  return after;
}

/** What stands below a folder: the paths, each with whether a folder on the way to it is exposed. */
interface Listing {
  readonly listed: Map<string, boolean>;
  readonly unreadable: string[];
}

// Asynchronous, so that a file system that hangs holds up this look and not the process.
async function list(root: string): Promise<Listing> {
  const listed = new Map<string, boolean>();
  const unreadable: string[] = [];
  const walk = async (folder: string, isExposedAbove: boolean) => {
    const exposed = isExposedAbove || isExposed(await Deno.stat(folder));
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isIgnored(name) || listed.size > maxFiles) continue;
      const path = join(folder, name);
      if (!isDirectory) listed.set(path, exposed);
      else await walk(path, exposed).catch((error) => isGone(error) || unreadable.push(path));
    }
  };
  await walk(root, false);
  return { listed, unreadable };
}

/** A file, or a link and what it leads to; nothing for what is neither, or is gone. */
async function see(path: string, isExposedAbove: boolean, before?: Seen): Promise<Seen | undefined> {
  const info = attempt(() => Deno.lstatSync(path));
  if (!info?.isFile && !info?.isSymlink) return undefined;
  const link = info.isSymlink ? `by ${attempt(() => Deno.readLinkSync(path))} ` : "";
  const file = info.isSymlink ? attempt(() => Deno.statSync(path)) : info;
  const exposed = isExposedAbove || (file !== undefined && isExposed(file));
  const stamp = link + (file?.isFile ? stampOf(file) : "");
  if (before?.stamp === stamp && !before.fresh) {
    return before.exposed === exposed ? before : { ...before, exposed };
  }
  if (!file?.isFile) return { hash: link, exposed, stamp, fresh: false };
  const fresh = changedAt(file) > Date.now() - freshMs;
  const content = await hashOf(path, file);
  return content === undefined ? undefined : { hash: link + content, exposed, stamp, fresh };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function stampOf({ mtime, ctime, size, ino, dev }: Deno.FileInfo): string {
  return [mtime?.getTime(), ctime?.getTime(), size, ino, dev].join(" ");
}

function changedAt({ mtime, ctime }: Deno.FileInfo): number {
  return Math.max(mtime?.getTime() ?? Infinity, ctime?.getTime() ?? 0);
}

/** Nothing where the file is gone; one that cannot be read is like no other, so that it is told when it can be. */
async function hashOf(path: string, file: Deno.FileInfo): Promise<string | undefined> {
  if (file.size > maxHashed) return stampOf(file);
  try {
    return createHash("sha256").update(await Deno.readFile(path)).digest("base64");
  } catch (error) {
    return isGone(error) ? undefined : "unreadable";
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
