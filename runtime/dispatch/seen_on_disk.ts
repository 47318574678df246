import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SeenIds } from "./seen.ts";

// Old rows are deleted at the start, and then once for so many new ones.
const cleanEvery = 1000;

/** Remembers ids in `dedupe.sqlite` in a folder, across restarts. */
export function seenOnDisk(folder: string, ms: number, now: () => number = Date.now): SeenIds {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(folder, "dedupe.sqlite"));
  database.exec(`
    PRAGMA busy_timeout = 5000;
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
