import { DatabaseSync } from "node:sqlite";
import { BatchFailed, type BatchFailure, Reject, topic } from "hopper";

/** A log line, as services publish it to the exchange 'logs' with the key SERVICE.LEVEL. */
export interface Line {
  at: string;
  text: string;
}

/** Writes log lines to a database, up to 500 in one transaction. */
export default topic("logs", "#", {
  batch: { size: 500, wait: "200ms" },
  permissions: { read: ["data"], write: ["data"] },
  setup() {
    Deno.mkdirSync("data", { recursive: true });
    const db = new DatabaseSync("data/logs.sqlite");
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("CREATE TABLE IF NOT EXISTS line (id TEXT PRIMARY KEY, key TEXT, at TEXT, text TEXT)");
    db.exec("CREATE INDEX IF NOT EXISTS line_at ON line (at)");
    return { db, insert: db.prepare("INSERT OR IGNORE INTO line VALUES (?, ?, ?, ?)") };
  },
}, (lines: Line[], { messages, state: { db, insert } }) => {
  const failures: BatchFailure[] = [];
  db.exec("BEGIN");
  for (const [item, line] of lines.entries()) {
    const { id, routingKey } = messages[item]!;
    if (typeof line?.text !== "string" || Number.isNaN(Date.parse(line.at))) {
      failures.push({ item, error: new Reject("Expected { at: a time, text: text }") });
    } else {
      // The message id is the key, so a line that comes twice is there once.
      insert.run(id, routingKey, new Date(line.at).toISOString(), line.text);
    }
  }
  db.exec("COMMIT");
  return new BatchFailed(failures);
});
