import { DatabaseSync } from "node:sqlite";
import { queue } from "hopper";
import type { Counted } from "./_report.ts";

/** Fans in: remembers each part, and sends the sum once all of them are there. One at a time, in one process. */
export default queue("report.counted", {
  concurrency: 1,
  permissions: { read: ["data"], write: ["data"] },
  setup() {
    Deno.mkdirSync("data", { recursive: true });
    const db = new DatabaseSync("data/reports.sqlite");
    db.exec(
      "CREATE TABLE IF NOT EXISTS part (report TEXT, part INTEGER, words INTEGER, PRIMARY KEY (report, part))",
    );
    db.exec("CREATE TABLE IF NOT EXISTS done (report TEXT PRIMARY KEY)");
    return { db };
  },
}, async ({ report, part, of, words }: Counted, { state: { db }, send, log }) => {
  if (db.prepare("SELECT 1 FROM done WHERE report = ?").get(report)) {
    return log.info(`${report} is done already`);
  }
  // The same part may come twice. It counts once.
  db.prepare("INSERT OR IGNORE INTO part VALUES (?, ?, ?)").run(report, part, words);
  const sum = db.prepare("SELECT count(*) AS parts, sum(words) AS words FROM part WHERE report = ?").get(
    report,
  )!;
  if (sum.parts !== of) return;
  await send("report.done", { report, words: sum.words }, { messageId: `${report}.done` });
  db.prepare("INSERT OR IGNORE INTO done VALUES (?)").run(report);
  db.prepare("DELETE FROM part WHERE report = ?").run(report);
});
