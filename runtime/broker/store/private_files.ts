import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

/** How the names of the files end that SQLite keeps beside a database. */
const companions = ["-wal", "-shm", "-journal"];

/** The folder that Hopper makes for itself. One with another name may be somebody's home. */
const ownFolder = ".hopper";

/**
 * Makes the folder and the database where they are missing, and lets only their owner use them, also where they are
 * there already.
 *
 * @param left told of a file that others can still read, as it belongs to another user
 */
export function makePrivate(folder: string, database: string, left: (path: string) => void): void {
  const isNew = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  if (isNew || basename(folder) === ownFolder) restrict(folder, 0o700, left);
  // Only where there is none: closing a database that this process has open would end its locks.
  if (modeOf(database) === undefined) writeFileSync(database, "", { mode: 0o600, flag: "wx" });
  for (const path of [database, ...companions.map((ending) => database + ending)]) {
    restrict(path, 0o600, left);
  }
}

function restrict(path: string, mode: number, left: (path: string) => void): void {
  const now = modeOf(path);
  if (now === undefined || (now & 0o077) === 0) return;
  try {
    chmodSync(path, mode);
  } catch {
    left(path);
  }
}

function modeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mode;
}
