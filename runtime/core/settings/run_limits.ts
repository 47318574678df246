import type { Resolved } from "./settings.ts";

/**
 * How long a handler may still run after its signal has aborted, in milliseconds. Then its process is killed. An inline
 * handler cannot be killed, so nobody waits for it.
 */
export const graceMs = 2_000;

const maxExhaustedMs = 30_000;

/** How long `onExhausted` may take, in milliseconds. */
export function exhaustedMs({ timeout }: Pick<Resolved, "timeout">): number {
  return Math.min(timeout, maxExhaustedMs);
}

/** The longest that a run can take, and `onExhausted` after it, in milliseconds, whatever they do. */
export function maxRunMs(settings: Pick<Resolved, "timeout" | "isolate" | "onExhausted">): number {
  const { timeout, isolate, onExhausted } = settings;
  const grace = isolate === "process" ? graceMs : 0;
  return timeout + grace + (onExhausted === undefined ? 0 : exhaustedMs(settings) + grace);
}
