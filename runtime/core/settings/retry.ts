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
 * The wait that a handler asked for, rounded up to the wait of a queue. All that waits in one queue comes back in the
 * order it went in, so this is how much a message may be late: at most 100 ms, or a twelfth of its wait where that is
 * more. However many waits are asked for, up to a month there are 283 queues, up to an hour 162 and up to a minute 90.
 */
export function retryStep(ms: number): number {
  if (ms <= finest) return shortSteps.find((step) => step >= ms) ?? finest;
  const unit = Math.max(finest, roundDown(ms / 12));
  return Math.ceil(ms / unit) * unit;
}

const finest = 100;
const shortSteps = [1, 2, 5, 10, 20, 50, finest];

/** The next lower of 1, 2, 5, 10, 20, 50 … */
function roundDown(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return ([5, 2].find((digit) => digit * decade <= value) ?? 1) * decade;
}

/** When a message that waits in a queue of `step` milliseconds comes back: at `ms`, or a share of it earlier. */
export function retryExpiration(ms: number, jitter: number, random: () => number = Math.random): number {
  return Math.max(1, Math.round(ms * (1 - jitter * random())));
}
