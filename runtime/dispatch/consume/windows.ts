// Of a lane that is forgotten, the next message begins too early.
const maxWindows = 100_000;
const sweepAtFirst = 1000;

/**
 * Remembers until when lanes wait that have nothing to do: those that are over are swept out now and then, and if there are
 * more than 100,000, the older half is forgotten. Times are of `performance.now()`.
 */
export class Windows {
  readonly #until = new Map<unknown, number>();
  #sweepAt = sweepAtFirst;

  keep(lane: unknown, until: number): void {
    const now = performance.now();
    if (until <= now) return;
    this.#until.set(lane, until);
    if (this.#until.size >= this.#sweepAt) this.#sweep(now);
  }

  /** Until when the lane waits, and forgets it; 0 if it need not wait. */
  take(lane: unknown): number {
    const until = this.#until.get(lane) ?? 0;
    this.#until.delete(lane);
    return until;
  }

  // Seldom, because it looks at all of them.
  #sweep(now: number): void {
    let tooMany = this.#until.size < maxWindows ? 0 : maxWindows / 2;
    for (const [lane, until] of this.#until) if (until <= now || tooMany-- > 0) this.#until.delete(lane);
    this.#sweepAt = Math.min(maxWindows, Math.max(sweepAtFirst, this.#until.size * 2));
  }
}
