import type { Resolved } from "./settings.ts";

/**
 * Milliseconds that a handler gets, once its signal has aborted, to end by itself; then its process is ended. Inline
 * nobody can end it, and nobody waits.
 */
export const graceMs = 2_000;

/** Milliseconds that a run takes at the longest, whatever its handler does. */
export function maxRunMs({ timeout, isolate }: Pick<Resolved, "timeout" | "isolate">): number {
  return timeout + (isolate === "process" ? graceMs : 0);
}
