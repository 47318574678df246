/**
 * Publishes the changes in a PostgreSQL database: reads the table `change`, whose rows triggers write, and deletes a row
 * once the broker has confirmed its message. PostgreSQL's NOTIFY says when to look.
 *
 * `DATABASE_URL=postgres://… AMQP_URL=amqp://… deno run -A feed.ts` goes on until it is stopped. One at a time works;
 * others wait, and take over when it is gone.
 */
import { connect } from "hopper/client";
import pg from "pg";

const exchange = "changes";
/** How many rows are published at once. */
const atOnce = 100;
/** The number of the lock that the working feed holds. */
const lock = 20_261;

interface Row {
  readonly id: string;
  readonly key: string;
  readonly body: unknown;
}

/** Publishes changes until `signal` aborts. Rejects if the database or the broker is lost: start it again then. */
export async function feed(database: string, broker: string | undefined, signal: AbortSignal): Promise<void> {
  await using hopper = await connect(broker, { name: "change feed" });
  const db = new pg.Client({ connectionString: database });
  let noticed = Promise.withResolvers<void>();
  const look = () => noticed.resolve();
  db.on("notification", look);
  db.on("error", (error: Error) => noticed.reject(error));
  signal.addEventListener("abort", look);
  await db.connect();
  try {
    await db.query("SELECT pg_advisory_lock($1)", [lock]);
    await db.query("LISTEN change");
    while (!signal.aborted) {
      // From now on, so that a change during the query is not missed.
      noticed = Promise.withResolvers();
      noticed.promise.catch(() => {});
      const rows: Row[] =
        (await db.query("SELECT id, key, body FROM change ORDER BY id LIMIT $1", [atOnce])).rows;
      for (const { id, key, body } of rows) {
        await hopper.publish(exchange, key, body, { messageId: `change-${id}` });
      }
      if (rows.length > 0) {
        await db.query("DELETE FROM change WHERE id = ANY($1)", [rows.map(({ id }) => id)]);
      } else {
        await noticed.promise;
      }
    }
  } finally {
    signal.removeEventListener("abort", look);
    await db.end();
  }
}

if (import.meta.main) {
  const database = Deno.env.get("DATABASE_URL");
  if (!database) {
    console.error("DATABASE_URL is not set; expected postgres://user:password@host/database");
    Deno.exit(2);
  }
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort());
  Deno.addSignalListener("SIGTERM", () => stop.abort());
  await feed(database, Deno.env.get("AMQP_URL"), stop.signal);
}
