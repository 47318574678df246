/**
 * The wait, in milliseconds, before the broker is asked again for what it refused. Somebody has to fix that first; after
 * the fix it works within this time.
 */
export const refusedRetryMs = 30_000;

/** How the waits between tries grow. */
export interface Backoff {
  /** The first wait, in milliseconds. */
  readonly first: number;
  /** The longest wait, in milliseconds. */
  readonly max: number;
}

/**
 * The wait before retry number `attempt`, counted from 1, in milliseconds. It doubles up to `max`. A random part of up to
 * half of it is taken off, so that many clients of one broker do not all come back at the same moment.
 */
export function backoffDelay(
  attempt: number,
  { first, max }: Backoff,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(max, first * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** Waits for `ms` milliseconds. Resolves with `false`, early, if the signal aborts. */
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
