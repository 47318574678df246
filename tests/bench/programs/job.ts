/** What the measured programs are asked to do, and how they say how far they are: to the bench, and to nobody else. */

import { appendFileSync } from "node:fs";

/** What a program is asked to do. */
export interface Job {
  readonly verb: "consume" | "serve" | "call" | "publish";
  readonly url: string;
  readonly queue: string;
  /** The file of the marks. */
  readonly marks: string;
  readonly size: number;
  readonly prefetch: number;
  /** Consuming: after this many messages the warm-up is over, and after `count` the measurement. */
  readonly warmup: number;
  readonly count: number;
  readonly slowEvery: number;
  readonly slowMs: number;
  readonly outstanding: number;
  readonly tasks: boolean;
  /** Calling and publishing: how long the warm-up and the measurement take. */
  readonly warmMs: number;
  readonly ms: number;
  /** How the called server wants its requests. */
  readonly envelope: "plain" | "json" | "nest" | "moleculer";
}

/** A moment of a measurement. */
export interface Mark {
  readonly mark: "warm" | "done";
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How many messages were handled, answered or confirmed so far. */
  readonly count: number;
  /** Milliseconds of a call. */
  readonly p50?: number;
  readonly p99?: number;
}

/** Adds a mark to a file. */
export function mark(
  marks: string,
  mark: Mark["mark"],
  count: number,
  figures: { p50?: number; p99?: number } = {},
): void {
  const at = performance.timeOrigin + performance.now();
  appendFileSync(marks, `${JSON.stringify({ mark, at, count, ...figures })}\n`);
}

/** The handler of a consumer: it only counts, and takes a while for one of `slowEvery` messages. */
export function counted(
  { marks, warmup, count, slowEvery, slowMs }: Pick<
    Job,
    "marks" | "warmup" | "count" | "slowEvery" | "slowMs"
  >,
): () => void | Promise<void> {
  let handled = 0;
  return () => {
    handled++;
    if (handled === warmup) mark(marks, "warm", handled);
    if (handled === count) mark(marks, "done", handled);
    if (slowEvery > 0 && handled % slowEvery === 0) {
      return new Promise((resolve) => setTimeout(resolve, slowMs));
    }
  };
}
