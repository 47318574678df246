import { sep } from "node:path";
import { read, type Seen, statOf } from "./content.ts";
import { isCode } from "./names.ts";
import { type Place, walk, type Walked } from "./walk.ts";

export type { Seen } from "./content.ts";
export type { Place } from "./walk.ts";

// So many bytes of what was read are kept with a snapshot, for those who need more than the hash.
const maxHeld = 16 * 1024 * 1024;

/** A folder and some files beside it as they were at one time; each file was read at most once. */
export class Snapshot {
  /** By absolute path. */
  readonly files: ReadonlyMap<string, Seen>;
  /** The folders and what else the walk found. */
  readonly walked: Walked | undefined;
  readonly #files: Map<string, Seen>;
  readonly #contents: Map<string, Uint8Array<ArrayBuffer>>;

  /** Without anything: nothing is known. */
  constructor(
    walked?: Walked,
    files = new Map<string, Seen>(),
    contents = new Map<string, Uint8Array<ArrayBuffer>>(),
  ) {
    this.walked = walked;
    this.files = this.#files = files;
    this.#contents = contents;
  }

  /** A file with the hash of its content, wherever it lies. One that is not here yet is looked at now, and kept here. */
  async see(path: string): Promise<Seen | undefined> {
    const known = this.#files.get(path);
    if (known?.isRead) return known;
    const stat = statOf(path);
    const now = stat && await read(path, { ...stat, exposed: known?.exposed ?? stat.exposed }, true);
    if (now !== undefined) this.#files.set(path, now.seen);
    return now?.seen;
  }

  /** The content with this hash that a file had, if it was read for this snapshot and is still held. */
  contentOf(path: string, hash: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#files.get(path)?.hash === hash ? this.#contents.get(path) : undefined;
  }
}

/** Walks a place and reads what may have changed since `before`. Rejects if the folder itself cannot be read. */
export async function look(place: Place, before: Snapshot = new Snapshot()): Promise<Snapshot> {
  return await readWalked(await walk(place), before);
}

/**
 * Reads what was walked, and of that only what may have changed since `before`. Files in `asBefore`, and in folders
 * that cannot be read, count as they were before.
 */
export async function readWalked(
  walked: Walked,
  before: Snapshot,
  asBefore: ReadonlySet<string> = new Set(),
): Promise<Snapshot> {
  const { place, folders } = walked;
  const further = new Set(place.files);
  const files = new Map<string, Seen>();
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  let held = 0;
  for (const [path, stat] of walked.files) {
    if (asBefore.has(path)) continue;
    const isRead = place.content === "all" || further.has(path) || isCode(path);
    const now = await read(path, stat, isRead, before.files.get(path));
    if (now === undefined) continue;
    files.set(path, now.seen);
    if (now.content === undefined || held + now.content.length > maxHeld) continue;
    held += now.content.length;
    contents.set(path, now.content);
  }
  const unread = [...folders].filter(([, { unreadable }]) => unreadable !== undefined).map(([path]) => path);
  for (const [path, seen] of before.files) {
    if (asBefore.has(path) || unread.some((folder) => path.startsWith(folder + sep))) files.set(path, seen);
  }
  return new Snapshot(walked, files, contents);
}

/** The paths that differ between two snapshots: those that are new, changed or gone, in order. */
export function diff({ files: before }: Snapshot, { files: after }: Snapshot): string[] {
  const changed = [...after.keys()].filter((path) => !isSame(before.get(path), after.get(path)));
  const gone = [...before.keys()].filter((path) => !after.has(path));
  return [...changed, ...gone].sort();
}

function isSame(before: Seen | undefined, after: Seen | undefined): boolean {
  return before?.hash === after?.hash && before?.exposed === after?.exposed;
}
