import type { Caller } from "../api/context.ts";
import type { LogLevel } from "./events.ts";
import type { Headers } from "./headers.ts";
import type { BareMessage } from "../api/message.ts";
import type { Outcome } from "./outcome.ts";
import type { TraceContext } from "./trace.ts";

/** What a handler may do with its message under `ack: "manual"`. */
export type Wish = "ack" | "requeue" | "dead-letter";

/** One run of a message, and what its handler may ask of the runtime. */
export interface Job {
  readonly message: BareMessage;
  /** The message's headers. */
  readonly headers: Pick<Headers, "bytes" | "values">;
  /** 1 for the first run of the message. */
  readonly attempt: number;
  /** How long its caller waits: a time of `performance.now()`; `Infinity` if nobody waits. */
  readonly callerUntil: number;
  /** The latest begin of the run that lets it end in time, a time of `performance.now()`. Missing: there is no limit. */
  readonly beginBy?: number;
  readonly caller: Caller;
  /** The span that it runs in, if this runtime traces. */
  readonly span?: TraceContext;
  /**
   * Why the message failed for good. If set, this is no run: the function's `onExhausted` is called instead of its
   * handler.
   */
  readonly exhausted?: Error;
  /** Whether this is no run: the function that gives the message's key is called instead, and its result is the output. */
  readonly asksKey?: boolean;
  /** Writes a log line of this run. */
  log(level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void;
  /** Settles the message, under `ack: "manual"`. */
  settle(wish: Wish): void;
}

/** One message of a batch. */
export type Item = Pick<Job, "message" | "headers" | "attempt">;

/** Messages that the handler gets together, in one run. */
export interface Batch extends Omit<Job, "message" | "headers" | "attempt"> {
  /** At least one. */
  readonly items: readonly Item[];
  /** Tells that an item ended otherwise than the run, before the run resolves. */
  itemEnded(index: number, outcome: Outcome): void;
}

/** What a handler runs for. */
export type Work = Job | Batch;

/** Whether the handler runs for a batch. */
export function isBatch(work: Work): work is Batch {
  return "items" in work;
}

/** Where a function's handler runs. */
export interface Host {
  /**
   * Runs the handler once. When it resolves, the run is really over, and so are the items of a batch that were not told
   * of. Never throws or rejects.
   */
  run(work: Work): Outcome | Promise<Outcome>;
  /** Whether a process is running, or a state is made, which a new host would have to do first. */
  readonly live: boolean;
  /**
   * Whether its process, at which a debugger looks, is started before the first message, and after the process of the
   * previous version has ended.
   */
  readonly eager?: boolean;
  /** Starts what the first message would otherwise wait for, if it is not there. Rejects if that fails. */
  prepare(): Promise<void>;
  /** Ends every run as abandoned, because the runtime stops and waits no longer. */
  giveUp(reason: unknown): void;
  /** Takes no more runs, and frees everything when the current runs have ended. */
  close(): Promise<void>;
}
