const minWindow = 50;
const maxWindow = 1_000;
// The share of its delay by which a message may be late, so that it takes the way of the one before it.
const lateness = 1 / 200;
const maxKept = 1_000;

/**
 * Gives messages that are sent shortly after each other with the same time the same delay. Then they take the same way,
 * and their order is kept. A later one is late by as much as it was sent later: 50 ms, or a two-hundredth of the delay if
 * that is more, and a second at most.
 */
export class SameTimes {
  readonly #kept = new Map<number, { readonly ms: number; readonly until: number }>();

  /** The delay of a message that is to arrive at `time`, now that it is `now`; 0 or less if that is over. */
  delayOf(time: number, now: number): number {
    const kept = this.#kept.get(time);
    if (kept !== undefined && now < kept.until) return kept.ms;
    const ms = time - now;
    if (ms <= 0) return ms;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(time, { ms, until: now + Math.max(minWindow, Math.min(ms * lateness, maxWindow)) });
    return ms;
  }
}
