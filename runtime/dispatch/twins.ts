import type { Outcome } from "../core/outcome.ts";

/** How the first of two deliveries of one message ended. */
export interface TwinEnd {
  readonly outcome: Outcome;
  /** Which run of the message it was. */
  readonly attempt: number;
  /** Whether its settlement reached the broker; if not, the second delivery has to be settled in its place. */
  readonly settled: boolean;
}

/** Messages that run here now, so that a second delivery of one waits for the first and is not run beside it. */
export class Twins {
  readonly #running = new Map<string, Promise<TwinEnd>>();

  /** The end of the run that handles this message here already, if one does. */
  running(key: string): Promise<TwinEnd> | undefined {
    return this.#running.get(key);
  }

  /** Notes a run; the function it gives notes its end. */
  start(key: string): (end: TwinEnd) => void {
    const { promise, resolve } = Promise.withResolvers<TwinEnd>();
    this.#running.set(key, promise);
    return (end) => {
      this.#running.delete(key);
      resolve(end);
    };
  }
}
