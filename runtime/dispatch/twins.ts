import type { Outcome } from "../core/outcome.ts";

/** How the first of two deliveries of one message ended. */
export interface TwinEnd {
  readonly outcome: Outcome;
  /** Which run of the message it was. */
  readonly attempt: number;
  /** Whether its settlement reached the broker; if not, the second delivery has to be settled in its place. */
  readonly settled: boolean;
}

/** A message that runs here now. */
export interface Twin {
  readonly body: Uint8Array;
  readonly end: Promise<TwinEnd>;
}

/** Messages that run here now, so that a second delivery of one waits for the first and is not run beside it. */
export class Twins {
  readonly #running = new Map<string, Twin>();

  /** The message under this key that runs here already, if one does. */
  running(key: string): Twin | undefined {
    return this.#running.get(key);
  }

  /** Notes a run; the function it gives notes its end. */
  start(key: string, body: Uint8Array): (end: TwinEnd) => void {
    const { promise: end, resolve } = Promise.withResolvers<TwinEnd>();
    this.#running.set(key, { body, end });
    return (ended) => {
      this.#running.delete(key);
      resolve(ended);
    };
  }
}

/** Whether two deliveries with one id bear the same message: a sender may give many the same id. */
export function sameBody(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
