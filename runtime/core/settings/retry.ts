/** A function's final `retry` setting, in milliseconds. */
export interface RetryPlan {
  readonly attempts: number;
  readonly delay: number;
  readonly factor: number;
  readonly max: number;
  readonly jitter: number;
}

/** The wait after run number `attempt`, counted from 1, in whole milliseconds. */
export function retryDelay(attempt: number, { delay, factor, max }: RetryPlan): number {
  return Math.round(Math.min(max, delay * factor ** (attempt - 1)));
}

/**
 * Rounds the wait that a handler asked for up to the wait of a retry queue, in milliseconds. Messages leave a queue in
 * the order in which they entered it, so each wait needs its own queue, and rounding limits their number: 90 queues
 * for waits up to a minute, 162 up to an hour, 283 up to a month. A message is late by at most 100 ms, or a twelfth of
 * its wait if that is more.
 */
export function retryStep(ms: number): number {
  if (ms <= finest) return shortSteps.find((step) => step >= ms) ?? finest;
  const unit = Math.max(finest, roundDown(ms / 12));
  return Math.ceil(ms / unit) * unit;
}

const finest = 100;
const shortSteps = [1, 2, 5, 10, 20, 50, finest];

/** The largest of 1, 2, 5, 10, 20, 50 … that is not more than `value`. */
function roundDown(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return ([5, 2].find((digit) => digit * decade <= value) ?? 1) * decade;
}

/** When a message leaves its retry queue, in milliseconds: after `ms`, or earlier by up to the share `jitter`. */
export function retryExpiration(ms: number, jitter: number, random: () => number = Math.random): number {
  return Math.max(1, Math.round(ms * (1 - jitter * random())));
}
