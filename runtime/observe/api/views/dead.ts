import type { DeadLetter } from "../../../core/ports/dead_letter.ts";
import type { PayloadView } from "./runs.ts";

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
