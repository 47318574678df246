import { join, sep } from "node:path";
import { isExposed } from "../core/permissions/exposed.ts";
import { isGone, see, type Seen } from "./content.ts";
import { isCode, isIgnored } from "./scan.ts";

export type { Seen } from "./content.ts";

/** Every file below a folder, and some beside it, by absolute path. */
export type Snapshot = ReadonlyMap<string, Seen>;

/** What is looked at. */
export interface Place {
  /** Absolute path of a folder. */
  readonly folder: string;
  /** Absolute paths of further files, which need not exist. */
  readonly files: Iterable<string>;
  /** Of which files the content counts, and not only when they were changed. Default: of code, and of `files`. */
  readonly content?: "code" | "all";
}

// A folder with more is no functions folder, and would cost too much to look through again and again.
const maxFiles = 20_000;

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
export async function look(place: Place, before: Snapshot = new Map()): Promise<Snapshot> {
  const further = new Set(place.files);
  const { listed, unreadable } = await list(place.folder);
  for (const path of further) if (!listed.has(path)) listed.set(path, false);
  if (listed.size > maxFiles) throw new Error(`It holds more than ${maxFiles} files`);
  const isRead = (path: string) => place.content === "all" || further.has(path) || isCode(path);
  const after = await seeAll(listed, before, isRead);
  for (const path of unreadable) {
    for (const [file, seen] of before) if (file.startsWith(path + sep)) after.set(file, seen);
  }
  return after;
}

async function seeAll(
  listed: ReadonlyMap<string, boolean>,
  before: Snapshot,
  isRead: (path: string) => boolean,
): Promise<Map<string, Seen>> {
  const after = new Map<string, Seen>();
  let since = performance.now();
  for (const [path, isExposedAbove] of listed) {
    const seen = await see(path, { isExposedAbove, isRead: isRead(path) }, before.get(path));
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
    const exposed = isExposedAbove || isExposed(folder, await Deno.stat(folder));
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
