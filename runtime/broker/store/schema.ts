import { DataInUse, DiskTrouble } from "../errors.ts";
import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Output } from "../../amqp/output.ts";
import { Reader } from "../../amqp/reader.ts";
import { makePrivate } from "./private_files.ts";
import { readTable, type Table, writeTable } from "../../amqp/table.ts";

const schemaVersion = 1;

/** A message has one row, however many queues have an entry for it. Names are bytes, as on the wire. */
const schema = `
  CREATE TABLE exchange (name BLOB PRIMARY KEY, type TEXT, auto_delete INTEGER, internal INTEGER, args BLOB);
  CREATE TABLE queue (id INTEGER PRIMARY KEY, name BLOB UNIQUE, auto_delete INTEGER, args BLOB);
  CREATE TABLE binding (
    source BLOB, destination BLOB, key BLOB, kind TEXT, args BLOB, identity TEXT, PRIMARY KEY (source, identity)
  ) WITHOUT ROWID;
  CREATE TABLE message (id INTEGER PRIMARY KEY, envelope BLOB, copies TEXT, properties_size INTEGER, content BLOB);
  CREATE TABLE entry (
    queue INTEGER, sequence INTEGER, message INTEGER, expires_at INTEGER, PRIMARY KEY (queue, sequence)
  ) WITHOUT ROWID;
  CREATE TABLE delivered (queue INTEGER, priority INTEGER, sequence INTEGER, PRIMARY KEY (queue, priority))
    WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

const tableNames = ["binding", "delivered", "entry", "exchange", "message", "queue"];

/** Whether the database is empty. Throws, before anything is written, where it is not one of a broker. */
function isEmpty(database: DatabaseSync): boolean {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  const tables = rows.map(({ name }) => String(name));
  if (version === 0 && tables.length === 0) return true;
  if (!tableNames.every((table) => tables.includes(table))) {
    const found = tables.slice(0, 5).map((table) => `'${table}'`).join(", ") || "none";
    throw new Error(
      `it is a database of another program (its tables: ${found}); move it away`,
    );
  }
  if (version !== schemaVersion) {
    throw new Error(`it has version ${version}, expected ${schemaVersion}; move it away`);
  }
  return false;
}

/** The path of the database in a folder. */
export const databasePath = (folder: string): string => resolve(folder, "broker.sqlite");

/**
 * Opens the database in a folder, and creates both where they are missing.
 *
 * @param report told which files other users of this machine can read
 * @throws DataInUse where another broker has it open
 */
export function openDatabase(folder: string, report: (error: DiskTrouble) => void): DatabaseSync {
  const path = databasePath(folder);
  makePrivate(resolve(folder), path, (left) => {
    report(
      new DiskTrouble(`Others on this machine may read '${left}', which belongs to another user; chmod it`),
    );
  });
  const database = new DatabaseSync(path);
  try {
    // With an exclusive lock, which ends with this process, however that ends.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    const isNew = isEmpty(database);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    if (isNew) database.exec(`BEGIN; ${schema} COMMIT;`);
    database.exec("BEGIN IMMEDIATE; COMMIT;");
    return database;
  } catch (error) {
    database.close();
    const reason = error instanceof Error ? error.message : String(error);
    if (/locked|busy/i.test(reason)) throw new DataInUse(path, { cause: error });
    throw new Error(`Cannot open the broker's data '${path}': ${reason}`, { cause: error });
  }
}

export const nameToBytes = (name: string): Uint8Array => Buffer.from(name, "latin1");
export const nameFromBytes = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

export function tableToBytes(table: Table): Uint8Array {
  const out = new Output();
  writeTable(out, table);
  return out.copy();
}

export function tableFromBytes(bytes: Uint8Array): Table {
  return readTable(new Reader(Buffer.from(bytes), 0, bytes.length));
}
