import type { Resolved } from "./settings.ts";

/**
 * How long a handler may still run after its signal has aborted, in milliseconds. Then its process is killed. An inline
 * handler cannot be killed, so nobody waits for it.
 */
export const graceMs = 2_000;

/** The longest that a run can take, in milliseconds, whatever its handler does. */
export function maxRunMs({ timeout, isolate }: Pick<Resolved, "timeout" | "isolate">): number {
  return timeout + (isolate === "process" ? graceMs : 0);
}
