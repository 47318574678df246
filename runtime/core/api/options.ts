import type { DedupeOptions } from "./dedupe_options.ts";
import type { Duration } from "./duration.ts";
import type { Context, SetupContext } from "./context.ts";
import type { Middleware } from "./middleware.ts";
import type { HttpConfig } from "./http_options.ts";
import type { DebounceOptions, KeyedConcurrency, OrderOptions, ThrottleOptions } from "./key_options.ts";
import type { RateOptions } from "./limit_options.ts";
import type { ScheduleSettings } from "./schedule.ts";
import type { StandardSchema } from "./schema.ts";
import type { StreamStart } from "./stream_options.ts";

export type { DedupeOptions } from "./dedupe_options.ts";
export type { HttpClient, HttpConfig, HttpRights } from "./http_options.ts";
export type { StreamStart } from "./stream_options.ts";
export type { RateOptions };

/** How often a failed message is tried again, and when. */
export interface RetryOptions {
  /** How many runs a message gets, including the first, 1 to 100. @default 5 */
  readonly attempts?: number;
  /** Wait before the second run. @default "1s" */
  readonly delay?: Duration;
  /** Each further wait is this many times longer, 1 to 100. @default 4 */
  readonly factor?: number;
  /** The longest wait. @default "10m" */
  readonly max?: Duration;
  /** How much shorter a wait may be, as a share of it, 0 to 1: with 0.2 it is 80 % to 100 %. @default 0.2 */
  readonly jitter?: number;
}

/** When a function pauses because nearly all of its runs fail (a circuit breaker). */
export interface PauseOptions {
  /** It pauses after this many failed runs… @default 15 */
  readonly failures?: number;
  /** …among this many last runs… @default 20 */
  readonly of?: number;
  /** …within this time. @default "1m" */
  readonly within?: Duration;
  /** How long to wait before the first probe, which runs one message. @default "1s" */
  readonly probe?: Duration;
  /** The longest wait between probes. @default "1m" */
  readonly most?: Duration;
}

/**
 * What a function's process may do.
 *
 * In a function's file this is a request: the process gets exactly what the file asks for. In deploy.config.ts it is a
 * limit: files may not ask for more, and it grants nothing by itself. Without a limit, a file may ask for `net`, for
 * `env` by name, and for `read` inside the functions folder.
 *
 * `true` means everything of that kind. Relative paths start at the working directory.
 */
export interface PermissionOptions {
  /** Hosts, such as `["api.example:443", "*.example", "[::1]:80"]`, or a unix socket, `"unix:/run/a.sock"`. @default none */
  readonly net?: boolean | readonly string[];
  /** Environment variables by name, or by the start of their names, such as `["KEY", "AWS_*"]`. @default none */
  readonly env?: readonly string[];
  /** Files and folders it may read. @default none */
  readonly read?: boolean | readonly string[];
  /** Files and folders it may write. @default none */
  readonly write?: boolean | readonly string[];
  /** Programs it may run, by path, or by name together with `env: ["PATH"]`. They are not restricted. @default none */
  readonly run?: boolean | readonly string[];
  /** Native libraries it may load. They are not restricted. @default none */
  readonly ffi?: boolean | readonly string[];
  /** Facts about the system it may read, such as `["hostname", "cpus"]`. @default none */
  readonly sys?: boolean | readonly string[];
}

/** How an exchange is declared, if it differs from the default. */
export interface ExchangeOptions {
  /** Whether it survives a restart of the broker. @default the function's `durable`; for `emits` true */
  readonly durable?: boolean;
  /** Whether the broker deletes it with its last binding. @default false */
  readonly autoDelete?: boolean;
  /** Its arguments, such as `{ "alternate-exchange": "unheard" }`. @default {} */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** How a trigger's exchange is declared, if it differs from the default of the trigger's kind. */
export interface TriggerExchange extends ExchangeOptions {
  /** The type of a broker plugin, such as `"x-delayed-message"`. @default the trigger's kind */
  readonly type?: string;
  /** Whether clients may not publish to it, only other exchanges. @default false */
  readonly internal?: boolean;
}

/** How an exchange that a function publishes to is declared. */
export interface EmittedExchange extends ExchangeOptions {
  /** `"direct"`, `"fanout"`, `"topic"`, `"headers"`, or the type of a plugin, such as `"x-delayed-message"`. */
  readonly type: string;
}

/** Where a handler's return value is published: to an exchange, or straight to a queue. */
export type PublishTarget =
  | { readonly exchange: string; readonly routingKey?: string }
  | { readonly queue: string };

/** Settings that can stand in a function's file, and in deploy.config.ts under `defaults` or for a name or glob. */
export interface Settings extends ScheduleSettings {
  /**
   * Who acknowledges a message: the runtime when the run has ended (`auto`), the handler with `ctx.ack()` and
   * `ctx.nack()` (`manual`), or nobody, so that the broker forgets a message when it sends it (`none`). @default "auto"
   */
  readonly ack?: "auto" | "manual" | "none";
  /**
   * How many unacknowledged messages the broker sends at most, 1 to 65535. With `batch` it is raised to what the batches
   * need. @default 20
   */
  readonly prefetch?: number;
  /** How many handlers run at the same time; 1 keeps the queue's order. @default the prefetch; with `batch` 1 */
  readonly concurrency?: number;
  /** Whether queue and exchange survive a restart of the broker. @default true */
  readonly durable?: boolean;
  /**
   * Whether each instance has its own queue, which is deleted when it stops. For an exchange trigger the broker chooses
   * its name. @default false
   */
  readonly exclusive?: boolean;
  /**
   * `quorum`: replicated on the nodes of a cluster; needs `durable`. `stream`: a log that keeps its messages, which one
   * replica reads; only for `queue(…)`. @default "classic"
   */
  readonly queueType?: "classic" | "quorum" | "stream";
  /** Where in a stream a function begins when it runs for the first time. @default "next" */
  readonly from?: StreamStart;
  /**
   * Only the messages of a stream whose header `x-stream-filter-value` is this text, or one of these. RabbitMQ 4 does not
   * even send the others. @default all
   */
  readonly filter?: string | readonly string[];
  /**
   * The highest priority of the function's queue, 1 to 255: it hands out messages with a higher `priority` first. A
   * `prefetch` of 1 is needed for that to hold strictly, and RabbitMQ advises at most 10. @default none
   */
  readonly maxPriority?: number;
  /** More x-arguments of the function's queue. @default {} */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /**
   * `"passive"`: others own the queue and the exchanges, also the queues for retries and dead letters. Hopper checks
   * that they exist, and declares and binds nothing. @default true
   */
  readonly declare?: true | "passive";
  /** How the trigger's exchange is declared, if it differs from the default. */
  readonly exchange?: TriggerExchange;
  /**
   * How single exchanges of a trigger with several are declared, such as `{ billing: { durable: false } }`. What is
   * written here wins over `exchange`.
   */
  readonly exchanges?: Readonly<Record<string, TriggerExchange>>;
  /** How a failed message is tried again; `false`: not at all. */
  readonly retry?: false | RetryOptions;
  /**
   * Whether a message that failed for good moves to `<queue>.dead`. `false`: it is rejected to the broker, which moves
   * it to the queue's own `x-dead-letter-exchange`, or drops it if there is none. @default true
   */
  readonly deadLetter?: boolean;
  /** When the function pauses because nearly all runs fail; `false`: never. An rpc never pauses. */
  readonly pause?: false | PauseOptions;
  /** How long the ids of handled messages are remembered; `false`: not at all. @default false */
  readonly dedupe?: false | DedupeOptions;
  /**
   * How many runs may begin in a time, such as `{ limit: 100, per: "1s" }`; what is over it waits in the queue.
   * @default false
   */
  readonly rate?: false | RateOptions;
  /** How long a run may take. Then `ctx.signal` aborts, and two seconds later the process is ended. @default "30s" */
  readonly timeout?: Duration;
  /** How long `setup` may take. @default "30s" */
  readonly setupTimeout?: Duration;
  /** How many processes share the function's messages, 1 to 1024. @default 1 */
  readonly instances?: number;
  /** A process is stopped when it had no work for this long. @default "5m" */
  readonly idle?: Duration;
  /** The largest heap of a process, such as `"128MB"`. Buffers and workers may take as much again. @default "128MB" */
  readonly memory?: `${number}${"MB" | "GB"}`;
  /** What the function's process may do. In deploy.config.ts: the most that the file may ask for. @default none */
  readonly permissions?: PermissionOptions;
}

/**
 * What only a function's file may say, whatever its handler returns. `Failed` is the type of what `onExhausted` gets,
 * which is the handler's `Input` unless it says otherwise.
 */
export interface FileOptions<Input = unknown, State = unknown, Failed = Input>
  extends Omit<Settings, "concurrency"> {
  /**
   * How many handlers run at the same time; 1 keeps the queue's order. As an object: how many for each key, such as
   * `{ limit: 2, key: "customerId" }`. @default the prefetch, with `batch` 1
   */
  readonly concurrency?: number | KeyedConcurrency<Input>;
  /**
   * Handles messages of one key one after the other, also where several runtimes share the work, such as
   * `{ by: "customerId" }`. The others are handled at the same time.
   */
  readonly order?: OrderOptions<Input>;
  /**
   * Of the messages of one key only the latest is run, once no other has come for a while, such as
   * `{ key: "documentId", wait: "2s" }`.
   */
  readonly debounce?: DebounceOptions<Input>;
  /** Of the messages of one key one is run at once, and of those that come soon after it only the latest. */
  readonly throttle?: ThrottleOptions<Input>;
  /** The name of the queue of an exchange trigger or a schedule. @default the function's name */
  readonly queue?: string;
  /** How the body is decoded (and an RPC's reply encoded). @default as its content type says */
  readonly codec?: "json" | "text" | "bytes";
  /** Checks the decoded body. If it fails, the message becomes a dead letter; an RPC's caller gets what is wrong. */
  readonly input?: StandardSchema<unknown, Input>;
  /**
   * The exchanges that the function publishes to, with their types, such as `{ orders: "topic" }`. They are declared
   * when it starts. A message that no queue takes there is counted, and is not an error.
   */
  readonly emits?: Readonly<Record<string, string | EmittedExchange>>;
  /**
   * Does something around each run, the first outermost. What deploy.config.ts says in `use` is around these.
   */
  readonly use?: readonly Middleware[];
  /**
   * Makes what lives as long as the function's process, such as a connection to a database: it runs once in each
   * process, before the first message, and its result is `ctx.state`. When the process stops, the result is disposed of
   * by the first of these methods that it has, or that a property of it has: `Symbol.asyncDispose`, `Symbol.dispose`,
   * `close`. If it throws or takes longer than `setupTimeout`, the messages stay in the queue, and it is tried again
   * after growing waits. Inline it runs once for each version.
   */
  readonly setup?: (context: SetupContext) => State | Promise<State>;
  /**
   * Called once for a message that failed for good, before it moves to the dead letters: with the message as the
   * handler got it, why it failed, and the same context. It may take as long as a run, and 30 seconds at most. What it
   * throws is logged, and the message moves all the same. If the runtime ends before the message has moved, it may be
   * called again.
   *
   * A message that could not be decoded comes as bytes, and one that `input` refuses as it was decoded.
   */
  onExhausted?(message: Failed, error: Error, context: Context<State>): void | Promise<void>;
}

/** The options of a trigger, in a function's file. */
export interface Options<Input = unknown, Output = unknown, State = unknown, Failed = Input>
  extends FileOptions<Input, State, Failed> {
  /** Checks what the handler returns. */
  readonly output?: StandardSchema<Output, unknown>;
  /** Where the return value is published. The message is acknowledged after that is confirmed. */
  readonly publish?: PublishTarget;
}

/** Settings of a function in deploy.config.ts. */
export interface Override extends Settings {
  /** `false`: the function is not served, and its file not read. @default true */
  readonly enabled?: boolean;
  /**
   * Modules with middleware, whose default export is around each run, outside of the file's own; the first is outermost.
   * Paths begin at the folder of deploy.config.ts, such as `"./middleware/audit.ts"`.
   */
  readonly use?: readonly string[];
  /** The broker's `consumer_timeout`: how long it lets a message be unacknowledged. Runs end before it. @default "30m" */
  readonly consumerTimeout?: Duration;
  /** Where the handler runs: in the function's own process, or (`inline`) in the runtime, without isolation. @default "process" */
  readonly isolate?: "process" | "inline";
}

/** The default export of deploy.config.ts. */
export interface Config {
  /** The broker's URL, or the URLs of a cluster's nodes. `--broker` and the environment's variables win over it. */
  readonly broker?: string | readonly string[];
  /** For every function. The function's own file wins over it. */
  readonly defaults?: Override;
  /** For a function's name or a glob, such as `{ "billing.*": { prefetch: 1 } }`. It wins over the function's own file. */
  readonly functions?: Readonly<Record<string, Override>>;
  /**
   * Which payloads and headers of runs are kept, to be seen and replayed by whoever has the admin token: all, those of
   * failed runs, or none. @default true where the folder is watched and the admin API is on loopback, otherwise `"failed"`
   */
  readonly keepPayloads?: true | "failed" | false;
  /** Who may do what over HTTP, with `hopper run --http`. */
  readonly http?: HttpConfig;
}
