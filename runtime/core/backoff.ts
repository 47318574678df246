/**
 * Milliseconds until what the broker refused is asked of it again: it does not mend itself, and whoever mends it waits no
 * longer than this.
 */
export const refusedRetryMs = 30_000;

/** How waits between tries grow. */
export interface Backoff {
  /** First wait, in milliseconds. */
  readonly first: number;
  /** Longest wait, in milliseconds. */
  readonly most: number;
}

/**
 * The wait before try number `attempt` (1 for the first retry), in milliseconds: doubling up to `most`, and
 * somewhere in the upper half of that, so that many clients of one broker do not come back at once.
 */
export function backoffDelay(
  attempt: number,
  { first, most }: Backoff,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(most, first * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** Waits; resolves early, with `false`, when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(true), ms);
    const onAbort = () => done(false);
    signal.addEventListener("abort", onAbort);
    function done(elapsed: boolean) {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      resolve(elapsed);
    }
  });
}
