/**
 * The AMQP 0-9-1 broker inside Hopper: any client of RabbitMQ can talk to it, and it needs nothing but Deno.
 *
 * @module
 */
import { Listener } from "./server.ts";
import { Alarms } from "./alarms.ts";
import { Flusher } from "./connection/flusher.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { Memory } from "./memory.ts";
import { memoryShare } from "./memory_limit.ts";
import { type Like, profiles } from "./profile.ts";
import { Buffers } from "./protocol/buffers.ts";
import { Slab } from "./queue/slab.ts";
import { SqliteStore } from "./store/sqlite_store.ts";
import { memoryStore } from "./store/store.ts";
import { VirtualHost } from "./vhost/vhost.ts";

export { DataInUse, DiskTrouble, PortTaken } from "./errors.ts";
export type { Limits } from "./limits.ts";
export { memoryShare } from "./memory_limit.ts";
export { type Like, likes } from "./profile.ts";

/** The share of the memory that messages may take. Sockets and the garbage collector need about as much again. */
const memoryForMessages = 0.4;

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
  /**
   * Told of errors that no client is to blame for: a {@link DiskTrouble}, or one of the broker itself.
   * @default console.error
   */
  report?: (error: unknown) => void;
  /** The version of RabbitMQ that it behaves as. @default "3.10" */
  like?: Like;
  /** Limits other than the defaults. */
  limits?: Partial<Limits>;
}

/** A running broker. */
export interface Broker extends AsyncDisposable {
  /** `amqp://guest:guest@127.0.0.1:5672` */
  readonly url: string;
  /** Where it listens. */
  readonly hostname: string;
  /** Where it listens, also where it had to pick a free one. */
  readonly port: number;
  /** Why no client can connect at the moment: too many clients, or no free file descriptor; else undefined. */
  readonly trouble: string | undefined;
  /** Tells the clients, writes what is not on the disk yet, and resolves when all of it has stopped. */
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
 * Throws {@link PortTaken} (`code: "PORT_TAKEN"`) where another program listens on the port, {@link DataInUse} where
 * another broker uses the same folder, and a TypeError where `guest` could log in from other machines.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { hostname = "localhost", port = 5672, user = "guest", password = "guest", report = console.error } =
    options;
  assertPrivate(hostname, user, password);
  const profile = profiles[options.like ?? "3.10"];
  const asked: Limits = {
    memory: memoryShare(memoryForMessages),
    ...defaultLimits,
    bodySize: profile.bodySize,
    ...options.limits,
  };
  const alarms = new Alarms(() => listener.unblock());
  const memory = new Memory(asked.memory, (over) => alarms.set("memory", over));
  const limits = { ...asked, bodySize: Math.min(asked.bodySize, memory.parts.largestBody) };
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

const loopback = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

function assertPrivate(hostname: string, user: string, password: string): void {
  if (loopback.test(hostname) || (user !== "guest" && password !== "guest")) return;
  throw new TypeError(
    `Cannot listen on '${hostname}' with the login 'guest', as everyone who reaches it could log in. ` +
      `Give a user and password of your own, or listen on '127.0.0.1'`,
  );
}

function urlOf(user: string, password: string, hostname: string, port: number): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}`;
}
