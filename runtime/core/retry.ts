/** A function's `retry` setting once it is resolved; milliseconds. */
export interface RetryPlan {
  readonly attempts: number;
  readonly delay: number;
  readonly factor: number;
  readonly max: number;
  readonly jitter: number;
}

/** The wait after run number `attempt` (1 for the first), in whole milliseconds. */
export function retryDelay(attempt: number, { delay, factor, max }: RetryPlan): number {
  return Math.round(Math.min(max, delay * factor ** (attempt - 1)));
}

/**
 * The wait that a handler asked for, rounded up to one of six steps a decade, so that as many waits as there are
 * messages do not need as many queues.
 */
export function retryStep(ms: number): number {
  if (ms <= 1) return 1;
  const decade = 10 ** Math.floor(Math.log10(ms));
  const step = [1, 1.5, 2, 3, 5, 7, 10].find((factor) => factor * decade >= ms) ?? 10;
  return Math.round(step * decade);
}

/** When a message that waits in a queue of `step` milliseconds comes back: at `ms`, or a share of it earlier. */
export function retryExpiration(ms: number, jitter: number, random: () => number = Math.random): number {
  return Math.max(1, Math.round(ms * (1 - jitter * random())));
}
