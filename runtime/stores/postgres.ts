import type { IdServer } from "../core/ports/id_server.ts";
import type { StoreAddress } from "./address.ts";
import { Reopened } from "./reopened.ts";

// How long it takes at most to connect, and to answer. What takes longer loses its connection.
const connectMs = 2_000;
const queryMs = 3_000;
const maxConnections = 4;
const idleMs = 60_000;

// After every so many new rows, up to twice as many old ones are deleted: so old rows do not pile up, and no step is long.
const cleanEvery = 500;
const cleanAtOnce = 2 * cleanEvery;

// Written to see whether it can be written. No id is empty.
const probe = "";

// Two runtimes that make the table at the same time would get an error otherwise. The number is only ever Hopper's.
const makeTable = `
  SELECT pg_advisory_xact_lock(4673021198);
  CREATE TABLE IF NOT EXISTS hopper_handled (key text PRIMARY KEY, expires timestamptz NOT NULL);
  CREATE INDEX IF NOT EXISTS hopper_handled_expires ON hopper_handled (expires);
`;

const find = "SELECT FROM hopper_handled WHERE key = $1 AND expires > now()";

const insert = `
  INSERT INTO hopper_handled (key, expires) VALUES ($1, now() + $2 * interval '1 millisecond')
  ON CONFLICT (key) DO UPDATE SET expires = excluded.expires`;

const clean = `
  DELETE FROM hopper_handled WHERE key IN (
    SELECT key FROM hopper_handled WHERE expires <= now() LIMIT $1 FOR UPDATE SKIP LOCKED
  )`;

/** The part of pg's pool that is used here. */
interface Pool {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  on(event: "error", listener: () => void): void;
  end(): Promise<void>;
}

/** Remembers ids in the table `hopper_handled` of a PostgreSQL, by that server's clock. */
export function idsInPostgres({ url, shown }: StoreAddress): IdServer {
  const postgres = new Reopened({
    load,
    open: (library) => open(library, url),
    drop: (pool) => pool.end(),
    close: (pool) => pool.end(),
  }, shown);
  let added = 0;
  return {
    ready: () =>
      postgres.use(async (pool) => {
        await pool.query(insert, [probe, 0]);
        await pool.query(find, [probe]);
      }),
    has: (key) => postgres.use(async (pool) => (await pool.query(find, [key])).rows.length > 0),
    async add(key, ms) {
      await postgres.use((pool) => pool.query(insert, [key, ms]));
      if (++added % cleanEvery !== 0) return;
      // The id is remembered, whatever becomes of the old ones.
      await postgres.use((pool) => pool.query(clean, [cleanAtOnce])).catch(() => {});
    },
    close: () => postgres.close(),
  };
}

/** The part of pg that is used here. It brings no types. */
interface Library {
  Pool: new (options: object) => Pool;
}

const load = async () => (await import("pg") as unknown as { default: Library }).default;

async function open({ Pool }: Library, url: string): Promise<Pool> {
  const pool = new Pool({
    connectionString: url,
    application_name: "hopper",
    max: maxConnections,
    connectionTimeoutMillis: connectMs,
    query_timeout: queryMs,
    idleTimeoutMillis: idleMs,
  });
  // A connection that is lost while it is idle; the next query opens another.
  pool.on("error", () => {});
  try {
    // Whoever may not make tables can use one that is there.
    const { rows: [found] } = await pool.query("SELECT to_regclass('hopper_handled') AS name");
    if (found?.name === null) await pool.query(makeTable);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}
