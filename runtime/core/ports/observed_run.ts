import type { BareMessage } from "../api/message.ts";
import type { Headers } from "./headers.ts";

/**
 * One run of a message, as observers see it. It is the run itself and no copy, so that a run that nobody observes costs
 * nothing more: what an observer wants to keep, it copies at once.
 */
export interface ObservedRun {
  /** The run's own id. A message that is tried again has another one each time. */
  readonly id: string;
  readonly message: BareMessage;
  readonly headers: Headers;
  /** The queue it came from. */
  readonly queue: string;
  /** 1 for the first run of the message. */
  readonly attempt: number;
  /** When the broker delivered the message, a time of `performance.now()`. */
  readonly arrivedAt: number;
  /** The trace that it belongs to (32 hex digits), if its sender or this runtime traces. */
  readonly traceId: string | undefined;
  /** Its id, which is all that JSON shows of it. */
  toJSON(): string;
}

/** Makes ids of runs, which differ from those of other runtimes, and of this one after a restart. */
export function runIds(): () => string {
  const start = `${Date.now().toString(36)}${crypto.randomUUID().slice(0, 4)}`;
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}
