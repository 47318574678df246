import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

/** What SQLite keeps beside a database. */
const COMPANIONS = ["-wal", "-shm", "-journal"];

/** The folder that Hopper makes for itself; a folder by another name may be somebody's home. */
const OWN = ".hopper";

/**
 * Makes the folder and the database where they are missing, for nobody's eyes but the owner's, and takes from those that
 * are there what others may do with them.
 *
 * @param left told of a file that stays open to others, as it belongs to somebody else
 */
export function makePrivate(folder: string, database: string, left: (path: string) => void): void {
  const isNew = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
  if (isNew || basename(folder) === OWN) restrict(folder, 0o700, left);
  // Only where there is none: to close a database that this process has open would end its locks.
  if (modeOf(database) === undefined) writeFileSync(database, "", { mode: 0o600, flag: "wx" });
  for (const path of [database, ...COMPANIONS.map((ending) => database + ending)]) {
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
