import type { Duration } from "./duration.ts";
import type { StandardSchema } from "./schema.ts";

/** How often and when a failed message is tried again. */
export interface RetryOptions {
  /** Runs in all, the first included. @default 5 */
  readonly attempts?: number;
  /** Wait before the second run. @default "1s" */
  readonly delay?: Duration;
  /** What each further wait is multiplied by. @default 4 */
  readonly factor?: number;
  /** The longest wait. @default "10m" */
  readonly max?: Duration;
  /** Share by which a wait may vary, 0 to 1. @default 0.2 */
  readonly jitter?: number;
}

/** When a function pauses because nearly all of its runs fail. */
export interface PauseOptions {
  /** So many failed runs… @default 15 */
  readonly failures?: number;
  /** …of so many… @default 20 */
  readonly of?: number;
  /** …within this time. @default "1m" */
  readonly within?: Duration;
  /** Wait before the first probe. @default "1s" */
  readonly probe?: Duration;
  /** Longest wait between probes. @default "1m" */
  readonly most?: Duration;
}

/** How long a handled message's id is remembered. */
export interface DedupeOptions {
  /** A second message with the same id is acknowledged without a run for so long. */
  readonly for: Duration;
  /** In memory, or in `.hopper/` where it survives a restart. @default "memory" */
  readonly store?: "memory" | "disk";
}

/**
 * What a process may do. In a function's file it is what the file asks for, and its process gets that and nothing
 * else; in deploy.config.ts it is a ceiling, the most that files may ask for, and what it does not list is denied.
 * Without a ceiling a file may ask for `net`, `env` by name and `read` inside the functions folder. `true` is any;
 * relative paths are taken from the working directory.
 */
export interface PermissionOptions {
  /** Hosts, as `["api.example:443", "*.example", "[::1]:80"]`; a unix socket as `"unix:/run/a.sock"`. @default none */
  readonly net?: boolean | readonly string[];
  /** Environment variables by name, or by how they begin, as `["KEY", "AWS_*"]`. @default none */
  readonly env?: readonly string[];
  /** Files and folders it may read. @default none */
  readonly read?: boolean | readonly string[];
  /** Files and folders it may write. @default none */
  readonly write?: boolean | readonly string[];
  /** Programs it may run, by path, or by name with `env: ["PATH"]`. They are bound by nothing. @default none */
  readonly run?: boolean | readonly string[];
  /** Native libraries it may load. They are bound by nothing. @default none */
  readonly ffi?: boolean | readonly string[];
  /** Facts of the system, as `["hostname", "cpus"]`. @default none */
  readonly sys?: boolean | readonly string[];
}

/** How an exchange is declared, where it is not as a plain one of its type. */
export interface ExchangeOptions {
  /** Whether it survives the broker. @default the function's `durable`; for `emits` true */
  readonly durable?: boolean;
  /** Whether it goes with its last binding. @default false */
  readonly autoDelete?: boolean;
  /** Its arguments, as `{ "alternate-exchange": "unheard" }`. @default {} */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** How a trigger's exchange is declared, where that is not as a plain one of the trigger's kind. */
export interface TriggerExchange extends ExchangeOptions {
  /** A plugin's type, as `"x-delayed-message"`. @default the trigger's kind */
  readonly type?: string;
  /** Whether nobody may publish to it, and other exchanges alone feed it. @default false */
  readonly internal?: boolean;
}

/** How an exchange is declared that a function publishes to. */
export interface EmittedExchange extends ExchangeOptions {
  /** `"direct"`, `"fanout"`, `"topic"`, `"headers"`, or a plugin's, as `"x-delayed-message"`. */
  readonly type: string;
}

/** Where a handler's return value is published. */
export type PublishTarget =
  | { readonly exchange: string; readonly routingKey?: string }
  | { readonly queue: string };

/** What may be said of every function, in its file, in `defaults` or for a name or glob in deploy.config.ts. */
export interface Settings {
  /** Settled by the outcome, by the handler through its context, or not at all (a no-ack consumer). @default "auto" */
  readonly ack?: "auto" | "manual" | "none";
  /** Unacknowledged messages the broker may push, 1 to 65535. @default 20 */
  readonly prefetch?: number;
  /** Handlers at once; 1 keeps the queue's order. @default the prefetch */
  readonly concurrency?: number;
  /** Whether queue and exchange survive the broker. @default true */
  readonly durable?: boolean;
  /** A queue of this instance alone, gone when it stops; an exchange trigger's is server-named. @default false */
  readonly exclusive?: boolean;
  /** Classic, or replicated (`durable` only). @default "classic" */
  readonly queueType?: "classic" | "quorum";
  /** Further x-arguments of the function's own queue. @default {} */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /**
   * `"passive"`: queue and exchanges are others', as are those for retries and dead letters. Whether they are there is
   * checked, and nothing is declared or bound. @default true
   */
  readonly declare?: true | "passive";
  /** How the trigger's exchange is declared, where that is not as a plain one. */
  readonly exchange?: TriggerExchange;
  /** `false`: a failed message is not tried again. */
  readonly retry?: false | RetryOptions;
  /** Whether a message that failed for good moves to `<queue>.dead`; `false`: it is rejected to the broker, which moves it
   * where the queue's own `x-dead-letter-exchange` says, or drops it where there is none. @default true */
  readonly deadLetter?: boolean;
  /** When it pauses and probes because what it depends on seems to be down; `false`: never. An rpc never does. */
  readonly pause?: false | PauseOptions;
  /** Whether a message id that was handled is remembered, and how long. @default false */
  readonly dedupe?: false | DedupeOptions;
  /** How long a run may take. @default "30s" */
  readonly timeout?: Duration;
  /** Processes for one function. @default 1 */
  readonly instances?: number;
  /** A process without work for so long is stopped. @default "5m" */
  readonly idle?: Duration;
  /** Heap of a process, as `"128MB"`; buffers and workers may take as much again. @default "128MB" */
  readonly memory?: `${number}${"MB" | "GB"}`;
  /** What the function's process may do; said by the operator, a ceiling for what files ask for. @default none */
  readonly permissions?: PermissionOptions;
}

/** What a function's own file may say. */
export interface Options<Input = unknown, Output = unknown> extends Settings {
  /** Name of an exchange trigger's own queue. @default the function's name */
  readonly queue?: string;
  /** How the body is read (and an RPC's reply written), whatever its content type says. */
  readonly codec?: "json" | "text" | "bytes";
  /** Checks the decoded body; a message that does not fit is dead-lettered, an RPC's caller gets the issues. */
  readonly input?: StandardSchema<unknown, Input>;
  /** Checks what the handler returns. */
  readonly output?: StandardSchema<Output, unknown>;
  /** Where the return value goes, confirmed before the message is acknowledged. */
  readonly publish?: PublishTarget;
  /**
   * The exchanges that it publishes to, with their types, as `{ orders: "topic" }`: they are declared when it starts, and
   * what it publishes there and no queue takes is counted, and no error.
   */
  readonly emits?: Readonly<Record<string, string | EmittedExchange>>;
}

/** What an operator may say of a function. */
export interface Override extends Settings {
  /** `false`: the function is not served, and its file not read. @default true */
  readonly enabled?: boolean;
  /** How long the broker lets a message be unacknowledged, as its `consumer_timeout` says. @default "30m" */
  readonly consumerTimeout?: Duration;
  /** Where the handler runs: a process of its own, or inside the runtime, which trusts its code. @default "process" */
  readonly isolate?: "process" | "inline";
}

/** The content of deploy.config.ts. */
export interface Config {
  /** URL of the broker, or those of a cluster's nodes; a flag or an environment variable wins. */
  readonly broker?: string | readonly string[];
  /** For every function, below what its own file says. */
  readonly defaults?: Override;
  /** For the functions a name or glob names, above what their files say: `{ "billing.*": { prefetch: 1 } }`. */
  readonly functions?: Readonly<Record<string, Override>>;
}
