import type { FileProblem } from "../../../core/declared.ts";
import type { PayloadView, RunSummary } from "./runs.ts";

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
