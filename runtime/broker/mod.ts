/**
 * The AMQP 0-9-1 broker inside Hopper: any client of RabbitMQ can talk to it, and it needs nothing but Deno.
 *
 * @module
 */
import { Listener } from "./server.ts";
import { Alarms } from "./alarms.ts";
import { Flusher } from "./connection/flusher.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { Memory } from "./memory.ts";
import { memoryShare } from "./memory_limit.ts";
import { type Like, PROFILES } from "./profile.ts";
import { Buffers } from "./protocol/buffers.ts";
import { Slab } from "./queue/slab.ts";
import { SqliteStore } from "./store/sqlite_store.ts";
import { memoryStore } from "./store/store.ts";
import { VirtualHost } from "./vhost/vhost.ts";

export { DataInUse, DiskTrouble, PortTaken } from "./errors.ts";
export type { Limits } from "./limits.ts";
export { memoryShare } from "./memory_limit.ts";
export { type Like, LIKES } from "./profile.ts";

/** What messages may take of the memory there is; about as much again is the collector's, and sockets'. */
const MEMORY_SHARE = 0.4;

/** How to start a broker; every option has a default. */
export interface BrokerOptions {
  /**
   * Address to listen on; any but a loopback address needs a user and password of its own. `"localhost"` is both
   * `127.0.0.1` and, where there is IPv6, `::1`. @default "localhost"
   */
  hostname?: string;
  /** 0 picks a free port. @default 5672 */
  port?: number;
  /** Folder that keeps durable queues and persistent messages; created when missing. @default ".hopper" */
  data?: string;
  /** Keeps everything in memory and forgets it on close. @default false */
  memory?: boolean;
  /** Who may connect. @default "guest" */
  user?: string;
  /** The password of that user. @default "guest" */
  password?: string;
  /** Told of trouble no client is to blame for: a {@link DiskTrouble}, or an error of the broker's own. @default console.error */
  report?: (error: unknown) => void;
  /** The series of RabbitMQ that it behaves as, where they differ. @default "3.10" */
  like?: Like;
  /** Bounds other than the defaults. */
  limits?: Partial<Limits>;
}

/** A running broker. */
export interface Broker extends AsyncDisposable {
  /** `amqp://guest:guest@127.0.0.1:5672` */
  readonly url: string;
  /** Where it listens. */
  readonly hostname: string;
  /** Where it listens, also when it was told to pick one. */
  readonly port: number;
  /** Why no client can connect just now, as there are too many, or too few file descriptors; else undefined. */
  readonly trouble: string | undefined;
  /** Tells the clients, writes what is unwritten, and resolves when nothing is left running. */
  close(): Promise<void>;
}

/**
 * Starts a broker and resolves when clients can connect.
 *
 * ```ts
 * import { startBroker } from "./mod.ts";
 *
 * await using broker = await startBroker({ port: 0, memory: true });
 * console.log(broker.url);
 * ```
 *
 * Throws {@link PortTaken} (`code: "PORT_TAKEN"`) when another program listens there, {@link DataInUse} when another
 * broker uses the same folder, and a TypeError when guest
 * would be let in from other machines.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { hostname = "localhost", port = 5672, user = "guest", password = "guest", report = console.error } =
    options;
  refuseOpenDoor(hostname, user, password);
  const profile = PROFILES[options.like ?? "3.10"];
  const { bodySize } = profile;
  const limits: Limits = {
    memory: memoryShare(MEMORY_SHARE),
    ...DEFAULT_LIMITS,
    bodySize,
    ...options.limits,
  };
  const alarms = new Alarms(() => listener.unblock());
  const memory = new Memory(limits.memory, (over) => alarms.set("memory", over));
  limits.bodySize = Math.min(limits.bodySize, memory.parts.largestBody);
  const store = options.memory
    ? memoryStore()
    : new SqliteStore(options.data ?? ".hopper", memory, limits.resident, alarms, report);
  const vhost = new VirtualHost(store, memory, limits, profile);
  const buffers = new Buffers(), flusher = new Flusher(), slab = new Slab();
  const listener = new Listener({ vhost, alarms, limits, flusher, buffers, slab, report, user, password });
  const close = async () => {
    await listener.close();
    vhost.close();
    store.close();
  };
  let closed: Promise<void> | undefined;
  try {
    store.recover(vhost);
    const boundPort = await listener.listen(hostname, port);
    const shownHost = hostname === "localhost" ? "127.0.0.1" : hostname;
    return {
      url: urlOf(user, password, shownHost, boundPort),
      hostname: shownHost,
      port: boundPort,
      get trouble() {
        return listener.trouble;
      },
      close: () => closed ??= close(),
      [Symbol.asyncDispose]: () => closed ??= close(),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

function refuseOpenDoor(hostname: string, user: string, password: string): void {
  if (LOOPBACK.test(hostname) || (user !== "guest" && password !== "guest")) return;
  throw new TypeError(
    `Cannot listen on '${hostname}' with the login 'guest', as anyone who reaches it could come in. ` +
      `Give a user and password of your own, or listen on '127.0.0.1'`,
  );
}

function urlOf(user: string, password: string, hostname: string, port: number): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}`;
}
