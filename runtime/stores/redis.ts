import type { IdServer } from "../core/ports/id_server.ts";
import { within } from "../core/within.ts";
import type { StoreAddress } from "./address.ts";
import { Reopened } from "./reopened.ts";

const prefix = "hopper:handled:";

// Written to see whether it can be written; gone in a second.
const probe = "hopper:probe";

const connectMs = 2_000;

/** Remembers ids in a Redis, which forgets each when its time is over. */
export function idsInRedis({ url, shown }: StoreAddress): IdServer {
  const redis = new Reopened({
    load,
    open: (library) => open(library, url),
    drop: (client) => client.destroy(),
    close: (client) => client.close(),
  }, shown);
  return {
    ready: () =>
      redis.use(async (client) => {
        await client.set(probe, "", { PX: 1_000 });
        await client.exists(probe);
      }),
    has: (key) => redis.use(async (client) => await client.exists(prefix + key) > 0),
    add: (key, ms) => redis.use(async (client) => void await client.set(prefix + key, "", { PX: ms })),
    close: () => redis.close(),
  };
}

/**
 * The part of @redis/client that is used here. Its own types are missing where a project type-checks Hopper's sources and
 * has no import by that name.
 */
interface Library {
  createClient(options: object): Client;
}

interface Client {
  connect(): Promise<Client>;
  on(event: "error", listener: () => void): void;
  set(key: string, value: string, options: { readonly PX: number }): Promise<unknown>;
  exists(key: string): Promise<number>;
  close(): Promise<void>;
  destroy(): void;
}

// In the package for npm, a module of CommonJS has only its default export.
const load = async () => (await import("@redis/client") as unknown as { default: Library }).default;

async function open({ createClient }: Library, url: string): Promise<Client> {
  const client = createClient({
    url,
    name: "hopper",
    disableOfflineQueue: true,
    // What comes back is a new client, so that there is one place that decides when to try again.
    socket: { reconnectStrategy: false },
  });
  // What it does next rejects, and says why.
  client.on("error", () => {});
  const connected = await within(connectMs, client.connect());
  if (connected !== "late") return connected;
  client.destroy();
  throw new Error(`no connection within ${connectMs / 1000} s`);
}
