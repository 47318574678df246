import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { isExposed } from "../core/permissions/exposed.ts";

/** A file as it was when it was looked at. */
export interface Seen {
  /** Another one if and only if the content is, or where a link leads. */
  readonly hash: string;
  /** Whether everybody may write it, or a folder on the way to it from the one looked at, itself included. */
  readonly exposed: boolean;
  /** Times, size and such: while they are the same, the content is not read again. */
  readonly stamp: string;
  /** Whether its content was read, or the stamp stands for it. */
  readonly isRead: boolean;
  /** Whether what was read is no text in UTF-8, which is what code is written in. */
  readonly isBinary: boolean;
  /** Whether it was changed so shortly before it was read that it may change again without another stamp. */
  readonly fresh: boolean;
}

/** How a file is looked at. */
export interface SeeOptions {
  /** Whether a folder on the way to it is exposed. */
  readonly isExposedAbove: boolean;
  /** Whether its content counts, and not only its stamp. */
  readonly isRead: boolean;
}

// What is larger is no code: its stamp stands for its content.
const maxHashed = 16 * 1024 * 1024;

// Some file systems count times in whole seconds, so that two changes may bear the same.
const freshMs = 3_000;

/** A file, or a link and what it leads to; nothing for what is neither, or is gone. */
export async function see(
  path: string,
  { isExposedAbove, isRead }: SeeOptions,
  before?: Seen,
): Promise<Seen | undefined> {
  const info = attempt(() => Deno.lstatSync(path));
  if (!info?.isFile && !info?.isSymlink) return undefined;
  const link = info.isSymlink ? `by ${attempt(() => Deno.readLinkSync(path))} ` : "";
  const file = info.isSymlink ? attempt(() => Deno.statSync(path)) : info;
  const exposed = isExposedAbove || (file !== undefined && isExposed(path, file));
  const stamp = link + (file?.isFile ? stampOf(file) : "");
  if (before?.stamp === stamp && before.isRead === isRead && !before.fresh) {
    return before.exposed === exposed ? before : { ...before, exposed };
  }
  const unread = { exposed, stamp, isRead, isBinary: false, fresh: false };
  if (!file?.isFile) return { ...unread, hash: link };
  if (!isRead) return { ...unread, hash: stamp };
  const fresh = isFresh(file);
  const content = await readContent(path, file);
  return content === undefined
    ? undefined
    : { ...unread, hash: link + content.hash, isBinary: content.isBinary, fresh };
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

// A time that is yet to come says nothing of when.
function isFresh({ mtime, ctime }: Deno.FileInfo): boolean {
  const now = Date.now();
  return [mtime, ctime].some((time) => time !== null && Math.abs(now - time.getTime()) < freshMs);
}

/** Nothing where the file is gone; one that cannot be read is like no other, so that it is told when it can be. */
async function readContent(
  path: string,
  file: Deno.FileInfo,
): Promise<Pick<Seen, "hash" | "isBinary"> | undefined> {
  if (file.size > maxHashed) return { hash: stampOf(file), isBinary: false };
  try {
    const bytes = await Deno.readFile(path);
    return { hash: createHash("sha256").update(bytes).digest("base64"), isBinary: !isUtf8(bytes) };
  } catch (error) {
    return isGone(error) ? undefined : { hash: "unreadable", isBinary: false };
  }
}

/** Whether an error says that there is no such file. */
export function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
