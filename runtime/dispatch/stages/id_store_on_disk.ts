import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { LocalIds } from "./id_store.ts";

// Old rows are deleted at the start, and then after every so many new ones.
const cleanEvery = 1000;

/** Throws, before anything is written, if the database has tables of another program. */
function refuseForeign(database: DatabaseSync, path: string): void {
  try {
    database.exec("PRAGMA busy_timeout = 5000");
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const columns = database.prepare("SELECT name FROM pragma_table_info('seen') ORDER BY name").all();
    const isOurs = tables.length === 0 ||
      tables.length === 1 && columns.map(({ name }) => name).join() === "expires,key";
    if (!isOurs) throw new Error("it is a database of another program; move it away");
  } catch (error) {
    database.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot remember ids in '${path}': ${reason}`, { cause: error });
  }
}

/** Remembers ids across restarts, in the file `dedupe.sqlite` in a folder. */
export function idsOnDisk(folder: string, ms: number, now: () => number = Date.now): LocalIds {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "dedupe.sqlite");
  const database = new DatabaseSync(path);
  refuseForeign(database, path);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS seen_expires ON seen (expires);
  `);
  const find = database.prepare("SELECT 1 FROM seen WHERE key = ? AND expires > ?");
  const insert = database.prepare("INSERT OR REPLACE INTO seen (key, expires) VALUES (?, ?)");
  const clean = database.prepare("DELETE FROM seen WHERE expires <= ?");
  clean.run(now());
  let added = 0;
  return {
    has: (key) => find.get(key, now()) !== undefined,
    add(key) {
      insert.run(key, now() + ms);
      if (++added % cleanEvery === 0) clean.run(now());
    },
    close: () => database.close(),
  };
}
