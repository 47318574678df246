import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { isExposed } from "../../core/permissions/exposed.ts";

/** What the system says of a file, or of a link and the file that it leads to, before anybody reads it. */
export interface FileStat {
  /** Link, times, size and such: while they are the same, so is the content. */
  readonly stamp: string;
  /** Whether everybody may write it, or a folder above it that was walked. */
  readonly exposed: boolean;
  /** Whether everybody may write a folder above it that was walked. */
  readonly isExposedAbove: boolean;
  /** Only of a link. */
  readonly link?: LinkStat;
  /** The file; nothing for a link that leads to none. */
  readonly file?: Deno.FileInfo;
}

/** Where a link leads. */
export interface LinkStat {
  readonly target: string;
  readonly leadsTo: "file" | "folder" | "nothing";
  /** The absolute path at the end of all links; nothing where there is nothing. */
  readonly realPath?: string;
}

/** A file as it was when it was looked at. */
export interface Seen extends Pick<FileStat, "stamp" | "exposed" | "link"> {
  /** Another one if and only if the content is, or where a link leads. */
  readonly hash: string;
  /** Whether its content was read, or the stamp stands for it. */
  readonly isRead: boolean;
  /** Whether what was read is not text in UTF-8, which is what code is written in. */
  readonly isBinary: boolean;
  /** Whether it was changed so shortly before it was read that it may change again without another stamp. */
  readonly fresh: boolean;
}

/** A file, and its content if that was read just now. */
export interface Read {
  readonly seen: Seen;
  readonly content?: Uint8Array<ArrayBuffer>;
}

// What is larger is no code: its stamp stands for its content.
const maxHashed = 16 * 1024 * 1024;

// Within so many milliseconds two changes may get the same time: most file systems count as finely as the system's
// clock ticks, some in whole seconds.
const tickMs = 20;
const coarseMs = 3_000;

/** Asks the system about a file; nothing for what is no file and no link, or is gone. */
export function statOf(path: string, isExposedAbove = false): FileStat | undefined {
  const info = attempt(() => Deno.lstatSync(path));
  if (!info?.isFile && !info?.isSymlink) return undefined;
  const target = info.isSymlink ? attempt(() => Deno.statSync(path)) : info;
  const link = info.isSymlink ? linkOf(path, target) : undefined;
  const file = target?.isFile ? target : undefined;
  return {
    stamp: (link ? hashOfLink(link) : "") + (file ? stampOf(file) : ""),
    exposed: isExposedAbove || (target !== undefined && isExposed(path, target)),
    isExposedAbove,
    link,
    file,
  };
}

/**
 * Reads a file, unless it is known from `before` or only its stamp counts (`isRead` is false). Nothing where it is gone
 * by now.
 */
export async function read(
  path: string,
  { stamp, exposed, link, file }: FileStat,
  isRead: boolean,
  before?: Seen,
): Promise<Read | undefined> {
  const about = { stamp, exposed, link, isRead, isBinary: false, fresh: false };
  if (before?.stamp === stamp && before.isRead === isRead && !before.fresh) {
    const isSame = before.exposed === exposed && before.link?.realPath === link?.realPath;
    return { seen: isSame ? before : { ...before, exposed, link } };
  }
  const prefix = link ? hashOfLink(link) : "";
  if (file === undefined) return { seen: { ...about, hash: prefix } };
  if (!isRead) return { seen: { ...about, hash: stamp } };
  const fresh = isFresh(file);
  if (file.size > maxHashed) return { seen: { ...about, hash: prefix + stampOf(file), fresh } };
  try {
    const content = await Deno.readFile(path);
    const hash = createHash("sha256").update(content).digest("base64");
    return { seen: { ...about, hash: prefix + hash, isBinary: !isUtf8(content), fresh }, content };
  } catch (error) {
    // One that cannot be read is like no other, so that it is noticed once it can be.
    return isGone(error) ? undefined : { seen: { ...about, hash: `${prefix}unreadable`, fresh } };
  }
}

/** Times, size and such of a file or folder. */
export function stampOf({ mtime, ctime, size, ino, dev }: Deno.FileInfo): string {
  return [mtime?.getTime(), ctime?.getTime(), size, ino, dev].join(" ");
}

/** Whether an error says that there is no such file. */
export function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

function linkOf(path: string, target: Deno.FileInfo | undefined): LinkStat {
  return {
    target: String(attempt(() => Deno.readLinkSync(path))),
    leadsTo: target === undefined ? "nothing" : target.isDirectory ? "folder" : "file",
    realPath: target && attempt(() => Deno.realPathSync(path)),
  };
}

function hashOfLink({ target }: LinkStat): string {
  return `by ${target} `;
}

// A time that is yet to come says nothing of when.
function isFresh({ mtime, ctime }: Deno.FileInfo): boolean {
  const now = Date.now();
  const isCoarse = mtime === null || mtime.getTime() % 1000 === 0;
  return [mtime, ctime].some((time) =>
    time !== null && Math.abs(now - time.getTime()) < (isCoarse ? coarseMs : tickMs)
  );
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
