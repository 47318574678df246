import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RunRecord } from "./record.ts";

/** Runs in a file, so that they are there after a restart. Every method throws if the file cannot be used. */
export interface RunsOnDisk {
  /** All of them, the oldest first. */
  load(): RunRecord[];
  save(records: readonly RunRecord[]): void;
  forget(ids: readonly string[]): void;
  close(): void;
}

/**
 * Opens `runs.sqlite` in a folder, for this process alone: it throws if another runtime has it open. The file can be read
 * by its owner only, as it holds payloads. What is in it is not needed for anything else, so it is not synced to the disk.
 */
export function openRunsOnDisk(folder: string): RunsOnDisk {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "runs.sqlite");
  if (!existsSync(path)) writeFileSync(path, "", { mode: 0o600, flag: "wx" });
  const database = new DatabaseSync(path);
  try {
    // The lock is taken with the first write, and kept.
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = OFF;
      CREATE TABLE IF NOT EXISTS runs_1 (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, record TEXT NOT NULL, body BLOB, size INTEGER,
        headers BLOB
      );
    `);
  } catch (error) {
    database.close();
    throw error;
  }
  const insert = database.prepare(
    `INSERT INTO runs_1 (id, record, body, size, headers) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET record = excluded.record, body = excluded.body, headers = excluded.headers`,
  );
  const remove = database.prepare("DELETE FROM runs_1 WHERE id = ?");
  const all = database.prepare("SELECT record, body, size, headers FROM runs_1 ORDER BY number");
  const together = (work: () => void) => {
    database.exec("BEGIN");
    try {
      work();
      database.exec("COMMIT");
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  };
  return {
    load: () => all.all().flatMap(readRow),
    save: (records) =>
      together(() => {
        for (const { message, ...record } of records) {
          insert.run(
            record.id,
            JSON.stringify(record),
            message?.body ?? null,
            message?.size ?? null,
            message?.headers ?? null,
          );
        }
      }),
    forget: (ids) =>
      together(() => {
        for (const id of ids) remove.run(id);
      }),
    close: () => database.close(),
  };
}

function readRow({ record, body, size, headers }: Record<string, unknown>): RunRecord[] {
  const read = JSON.parse(String(record)) as RunRecord;
  if (!(body instanceof Uint8Array)) return [read];
  return [{
    ...read,
    message: { body, size: Number(size), headers: headers instanceof Uint8Array ? headers : undefined },
  }];
}
