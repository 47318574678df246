import { maxPrefetch } from "./max_prefetch.ts";
import type { Resolved } from "./settings.ts";

/** A run may begin this long after its message was fetched; so the next one is here when it may begin. */
const aheadMs = 1000;

/**
 * How many unacknowledged messages a function's consumer asks for: its `prefetch` for each process, but with a `rate` no
 * more than may begin while one run lasts. The others stay in the queue, where other runtimes can take them.
 */
export function effectivePrefetch({ prefetch, instances, rate, timeout }: Resolved): number {
  const wanted = Math.min(prefetch * instances, maxPrefetch);
  if (rate === false) return wanted;
  const { limit, per, burst } = rate;
  return Math.min(wanted, burst + Math.ceil((timeout + aheadMs) * limit / per));
}
