/*
 * What the admin API answers, as JSON. The page, the commands and the tests read these shapes and nothing else.
 * Times are text as in `Date.toISOString()`, durations are milliseconds.
 */

import type { FileProblem } from "../../core/declared.ts";
import type { Problem } from "../../core/api/problem.ts";
import type { DeadLetter } from "../../core/ports/dead_letter.ts";
import type { LogLevel } from "../../core/ports/events.ts";

/** `GET /api/functions` */
export interface FunctionsView {
  readonly runtime: RuntimeView;
  readonly functions: readonly FunctionSummary[];
  readonly problems: readonly FileProblem[];
  readonly notices: readonly string[];
}

/** The runtime itself. */
export interface RuntimeView {
  readonly version: string;
  /** The broker's address without its password. */
  readonly broker: string;
  readonly started: string;
  /** Why it is not ready; empty if it is. */
  readonly missing: readonly string[];
  /** Whether this reader may see payloads and change things. */
  readonly trusted: boolean;
  /** Which payloads of runs are kept. */
  readonly keepPayloads: true | "failed" | false;
  /** What commands begin with in its folder, such as `deno task hopper`. */
  readonly command: string;
}

/** What a function does at the moment. `why` explains every state but `running`. */
export type FunctionState =
  | "running"
  /** Its consumer is not attached. */
  | "detached"
  /** It has paused itself, because its runs keep failing. */
  | "circuit-open"
  /** Somebody paused it here. */
  | "paused"
  /** Its process or its setup does not start. */
  | "unavailable";

/** A function in a list. */
export interface FunctionSummary {
  readonly name: string;
  readonly file: string;
  /** The trigger's kind, such as `topic`. */
  readonly trigger: string;
  /** What it is bound to, such as `logs  kern.* *.critical`, or when a schedule is due; empty for a queue. */
  readonly binding: string;
  readonly queue: string;
  readonly state: FunctionState;
  readonly why?: string;
  /** Only of a schedule. */
  readonly schedule?: ScheduleView;
  readonly inFlight: number;
  /** If its handler gets batches: of how many messages at most, and how many milliseconds they gather. */
  readonly batch?: { readonly size: number; readonly wait: number };
  readonly stats: FunctionStats;
}

/** The times of a schedule. */
export interface ScheduleView {
  /** When it is due next. */
  readonly next?: string;
  /** The latest tick that was sent; missing where another runtime sends the ticks. */
  readonly latest?: string;
}

/** How a function's runs of the last minute went. */
export interface FunctionStats {
  /** Ended runs a second, over the last ten seconds. */
  readonly rate: number;
  /** The time that half, and 95 %, of the runs of the last minute took at most; missing without runs. */
  readonly p50?: number;
  readonly p95?: number;
  /** The share of failed runs in the last minute, 0 to 1; missing without runs. */
  readonly failing?: number;
  /** Ended runs in each of the last 60 seconds, the oldest first. */
  readonly seconds: readonly number[];
  /** How many of them failed. */
  readonly failedSeconds: readonly number[];
  /** Since the runtime started. */
  readonly total: {
    readonly handled: number;
    readonly failed: number;
    readonly retried: number;
    readonly dead: number;
  };
}

/** `GET /api/functions/:name` */
export interface FunctionDetail extends FunctionSummary {
  readonly settings: readonly SettingView[];
  /** The versions that have messages, the one that serves first. */
  readonly versions: readonly VersionView[];
  /** The JSON Schema of its input, if its `input` schema has one. */
  readonly inputSchema?: Readonly<Record<string, unknown>>;
  /** What the file says of it above its declaration. */
  readonly description?: string;
}

/** One setting, and who set it. */
export interface SettingView {
  readonly name: string;
  readonly value: unknown;
  /** `default`, `file`, `deploy.config.ts: defaults`, or `deploy.config.ts: functions["billing.*"]`. */
  readonly from: string;
}

export interface VersionView {
  /** A short hash of its code; `inline` for one in the runtime's own process. */
  readonly version: string;
  readonly state: "serving" | "draining";
  readonly inFlight: number;
}

/** `POST /api/functions/:name/invoke` with {@linkcode InvokeBody}. */
export type InvokeView =
  /** An rpc's reply. */
  | { readonly kind: "reply"; readonly output: PayloadView; readonly ms: number }
  /** An rpc's error. */
  | { readonly kind: "error"; readonly problem: Readonly<Record<string, unknown>>; readonly ms: number }
  /** The message was confirmed. `run` is what became of it here so far, if it ended within two seconds. */
  | { readonly kind: "sent"; readonly messageId: string; readonly run?: RunSummary };

export interface InvokeBody {
  /** The input: any JSON value. */
  readonly input?: unknown;
  /** Instead of `input`: text that is sent as it is. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** The routing key, for a topic or direct exchange whose binding has wildcards or several keys. */
  readonly routingKey?: string;
  /** For an rpc, in milliseconds. @default 10000 */
  readonly timeout?: number;
}

/** `POST /api/functions/:name/pause` and `…/resume` answer a {@linkcode FunctionSummary}. */

/** How a run stands or ended. */
export type RunStatus = "running" | "ok" | "failed" | "retrying" | "dead" | "duplicate" | "expired";

export const runStatuses: readonly RunStatus[] = [
  "running",
  "ok",
  "failed",
  "retrying",
  "dead",
  "duplicate",
  "expired",
];

/** `GET /api/runs?function=&status=&since=&search=&cursor=&limit=`: the latest first. `status` may be several with commas. */
export interface RunsView {
  readonly runs: readonly RunSummary[];
  /** Pass it as `cursor` to get the next ones; missing at the end. */
  readonly next?: string;
  /** What is kept of all runs. */
  readonly kept: { readonly runs: number; readonly bytes: number; readonly oldest?: string };
}

/** A run in a list. */
export interface RunSummary {
  readonly id: string;
  readonly function: string;
  readonly status: RunStatus;
  readonly messageId: string;
  readonly attempt: number;
  readonly exchange: string;
  readonly routingKey: string;
  readonly queue: string;
  /** When the broker delivered it to the runtime. */
  readonly queued: string;
  /** When its handler began; missing if it never did. */
  readonly started?: string;
  readonly ended?: string;
  /** From the handler's beginning to its end. */
  readonly ms?: number;
  /** The error's first line. */
  readonly error?: string;
  readonly traceId?: string;
}

/** `GET /api/runs/:id`. What only the trusted may see is missing for others, and `hidden` is true. */
export interface RunDetail extends RunSummary {
  readonly hidden?: true;
  /** Missing if it was not kept: `payloadNotKept` says why. */
  readonly payload?: PayloadView;
  readonly payloadNotKept?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** The message's other properties, such as `contentType`. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
  /** Where in the project's files the error was thrown. */
  readonly at?: string;
  /** The queue of dead letters where its message went, if it did. */
  readonly deadLetterQueue?: string;
  readonly lines: readonly LineView[];
  /** How many lines were not kept. */
  readonly linesLost: number;
  /** All runs of the same message in the same function that are kept, the first attempt first. */
  readonly attempts: readonly RunSummary[];
}

export interface LineView {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A body for people: as JSON if it is JSON, as text if it is text, otherwise as base64. */
export interface PayloadView {
  readonly kind: "json" | "text" | "base64";
  readonly value: unknown;
  /** The size of the whole body in bytes. */
  readonly bytes: number;
  /** Whether only its beginning is here; then `kind` is `text` or `base64`. */
  readonly cut: boolean;
  readonly contentType?: string;
}

/** `POST /api/runs/:id/replay` with `{}` or `{ "input": … }` or `{ "text": … }` sends the message to its queue again. */
export interface ReplayView {
  readonly messageId: string;
  readonly queue: string;
}

/** `GET /api/queues` */
export interface QueuesView {
  readonly queues: readonly QueueView[];
}

export interface QueueView {
  readonly name: string;
  readonly kind: "work" | "retry" | "dead" | "suspects" | "schedule";
  /** The functions that consume it, or that it belongs to. */
  readonly functions: readonly string[];
  /** Messages that wait; missing if the queue does not exist (yet). */
  readonly ready?: number;
  /** Messages that this runtime has and has not settled. */
  readonly unacked: number;
  /** Consumers of all runtimes. */
  readonly consumers?: number;
  /** Messages a second that this runtime took from it, and how `ready` changes a second, over the last seconds. */
  readonly taken: number;
  readonly growth?: number;
}

/** `GET /api/queues/:name/peek?max=10`: messages that wait, which stay there. Only for the trusted. */
export interface PeekView {
  readonly messages: readonly PeekedMessage[];
}

export interface PeekedMessage {
  readonly messageId: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly payload: PayloadView;
}

/** `GET /api/dead`: the queues of dead letters, with how many are in each. */
export interface DeadQueuesView {
  readonly queues: readonly {
    readonly name: string;
    readonly functions: readonly string[];
    readonly ready: number;
  }[];
}

/** `GET /api/dead/:queue?max=100`; `queue` with or without `.dead`. */
export interface DeadView {
  readonly queue: string;
  readonly ready: number;
  readonly letters: readonly DeadLetterView[];
  /** The letters listed here by error: how many, and their message ids. */
  readonly groups: readonly {
    readonly error: string;
    readonly count: number;
    readonly ids: readonly string[];
  }[];
}

export interface DeadLetterView
  extends Pick<DeadLetter, "function" | "error" | "at" | "attempts" | "source" | "failedAt" | "replays"> {
  readonly messageId: string;
  readonly hidden?: true;
  readonly payload?: PayloadView;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** `POST /api/dead/:queue/replay` and `…/purge` with `{ "ids": […] }` or `{ "all": true }`. */
export interface DeadChange {
  /** The ids of the messages that went back, or how many were purged. */
  readonly done: number;
  readonly ids?: readonly string[];
}

/** `GET /api/topology`: exchange → binding → queue → function, as the functions here need it. */
export interface TopologyView {
  readonly exchanges: readonly {
    readonly name: string;
    readonly type: string;
    /** The functions that publish to it. */
    readonly emitters: readonly string[];
    /** Messages that functions published there and no queue took. */
    readonly unrouted: number;
    /** Whether no queue of these functions is bound to it. */
    readonly unbound: boolean;
  }[];
  readonly bindings: readonly { readonly exchange: string; readonly queue: string; readonly key: string }[];
  readonly queues: readonly (QueueView & {
    /** Whether nothing consumes it. */
    readonly unconsumed: boolean;
  })[];
  readonly functions: readonly {
    readonly name: string;
    readonly queue: string;
    readonly state: FunctionState;
  }[];
}

/**
 * `GET /api/events?function=NAME&only=log,failed`: server-sent events. `event:` is the event's name and `data:` the same
 * JSON as a line of `--log json`. A reader that is too slow is dropped: its stream ends.
 */

/** An error, as RFC 9457 has it (`application/problem+json`), as rpc's errors too. */
export type ProblemView = Pick<Problem, "type" | "title" | "status" | "detail" | "code">;
