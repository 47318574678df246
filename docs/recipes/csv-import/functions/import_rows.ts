import { DatabaseSync } from "node:sqlite";
import { BatchFailed, type BatchFailure, queue, Reject } from "hopper";

/** A row of the file. */
export interface Customer {
  id: string;
  name: string;
  email: string;
}

/** Writes rows to the database, 200 in one transaction. A bad row becomes a dead letter by itself. */
export default queue("import.rows", {
  batch: { size: 200, wait: "100ms" },
  permissions: { read: ["data"], write: ["data"] },
  setup() {
    Deno.mkdirSync("data", { recursive: true });
    const db = new DatabaseSync("data/customers.sqlite");
    db.exec("CREATE TABLE IF NOT EXISTS customer (id TEXT PRIMARY KEY, name TEXT, email TEXT)");
    const save = db.prepare(
      `INSERT INTO customer VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email`,
    );
    return { db, save };
  },
}, (rows: Customer[], { messages, state: { db, save }, log }) => {
  const failures: BatchFailure[] = [];
  db.exec("BEGIN");
  for (const [item, { id, name, email }] of rows.entries()) {
    if (/^[^@\s]+@[^@\s]+$/.test(email)) save.run(id, name, email);
    else {
      const { line } = messages[item]!.headers;
      failures.push({ item, error: new Reject(`Line ${line}: '${email}' is no e-mail address`) });
    }
  }
  db.exec("COMMIT");
  log.info(`${rows.length - failures.length} saved, ${failures.length} refused`);
  return new BatchFailed(failures);
});
