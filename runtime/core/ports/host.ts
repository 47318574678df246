import type { Caller } from "../api/context.ts";
import type { LogLevel } from "./events.ts";
import type { Headers } from "./headers.ts";
import type { BareMessage } from "../api/message.ts";
import type { Outcome } from "./outcome.ts";

/** What a handler may wish for its message under `ack: "manual"`. */
export type Wish = "ack" | "requeue" | "dead-letter";

/** One run of a message, and what its handler may ask of the runtime meanwhile. */
export interface Job {
  readonly message: BareMessage;
  /** The message's headers. */
  readonly headers: Pick<Headers, "bytes" | "values">;
  /** 1 for the first run of the message. */
  readonly attempt: number;
  /** Until when its caller waits, as `performance.now()` counts; `Infinity` where none does. */
  readonly callerUntil: number;
  readonly caller: Caller;
  /** Writes a log line of this run. */
  log(level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>): void;
  /** Settles the message, under `ack: "manual"`. */
  settle(wish: Wish): void;
}

/** Where a function's handler runs. */
export interface Host {
  /** Runs the handler once, to its end: nothing of the run goes on afterwards. Never throws or rejects. */
  run(job: Job): Outcome | Promise<Outcome>;
  /** Whether something is started that a host in its place would have to start first. */
  readonly live: boolean;
  /** Starts what the first message would have to wait for. Rejects if that cannot be started. */
  prepare(): Promise<void>;
  /** The runtime waits no longer: every run that is under way ends as abandoned. */
  giveUp(reason: unknown): void;
  /** Gets no more to run; lets go of what it holds once the runs under way have ended. */
  close(): Promise<void>;
}
