// Of a lane that is forgotten, the next message begins too early.
const maxWindows = 100_000;

/** Remembers until when lanes wait that have nothing to do: the latest 100,000 of them. Times are of `performance.now()`. */
export class Windows {
  readonly #until = new Map<unknown, number>();

  keep(lane: unknown, until: number): void {
    const now = performance.now();
    if (until <= now) return;
    this.#until.set(lane, until);
    for (const [oldest, ends] of this.#until) {
      if (ends > now && this.#until.size <= maxWindows) return;
      this.#until.delete(oldest);
    }
  }

  /** Until when the lane waits, and forgets it; 0 if it need not wait. */
  take(lane: unknown): number {
    const until = this.#until.get(lane) ?? 0;
    this.#until.delete(lane);
    return until;
  }
}
