import { parse } from "csv-parse/sync";
import { queue, Reject } from "hopper";
import type { Customer } from "./import_rows.ts";

const columns = ["id", "name", "email"];

/** Takes a CSV file as one message, and sends each row as a message of its own. */
export default queue(
  "imports",
  { codec: "text", timeout: "5m" },
  async (text: string, { message, send, log }) => {
    const rows = read(text);
    for (const [i, row] of rows.entries()) {
      // A file that is imported again gives its rows the same ids.
      await send("import.rows", row, { messageId: `${message.id}.${i}`, headers: { line: i + 2 } });
    }
    log.info(`${rows.length} rows`);
  },
);

function read(text: string): Customer[] {
  try {
    const rows: Customer[] = parse(text, { columns: true, bom: true, skip_empty_lines: true, trim: true });
    const missing = columns.filter((column) => rows[0] !== undefined && !(column in rows[0]));
    if (missing.length > 0) throw new Error(`The first line lacks ${missing.join(", ")}`);
    return rows;
  } catch (error) {
    // Another try would not mend the file.
    throw new Reject(error instanceof Error ? error.message : String(error));
  }
}
