/** A run that can be ended: when its time is over, or when the runtime gives up. */
export interface Waiting {
  timeOut(): void;
  giveUp(reason: unknown): void;
}

/**
 * The deadlines of one function's runs, in the order in which they began. One timer serves all of them, so that a run
 * costs only an entry in a map.
 */
export class Deadlines {
  readonly #ms: number;
  readonly #due = new Map<Waiting, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer will fire. */
  #tickAt = Infinity;
  /** Whether some runs have less time than others, so that the oldest need not be due first. */
  #mixed = false;
  #closed = false;

  /** Each run may take `ms` milliseconds, unless it is added with less. */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** A run begins that may take `ms` milliseconds, at most as many as in the constructor. */
  add(run: Waiting, ms: number = this.#ms): void {
    const dueAt = performance.now() + ms;
    this.#due.set(run, dueAt);
    if (ms < this.#ms) this.#mixed = true;
    if (dueAt < this.#tickAt) this.#setTimer(dueAt, ms);
  }

  /** A run has ended. The timer is left as it is, for the next runs. */
  delete(run: Waiting): void {
    this.#due.delete(run);
    if (this.#closed && this.#due.size === 0) clearTimeout(this.#timer);
  }

  /** No further run will begin: the timer goes with the last one. */
  close(): void {
    this.#closed = true;
    if (this.#due.size === 0) clearTimeout(this.#timer);
  }

  /** Ends every run, because the runtime stops and waits no longer. */
  giveUp(reason: unknown): void {
    clearTimeout(this.#timer);
    this.#tickAt = Infinity;
    for (const run of [...this.#due.keys()]) run.giveUp(reason);
  }

  #setTimer(dueAt: number, ms: number): void {
    clearTimeout(this.#timer);
    this.#tickAt = dueAt;
    this.#timer = setTimeout(() => this.#tick(), ms);
  }

  #tick(): void {
    this.#tickAt = Infinity;
    const now = performance.now();
    let next = Infinity;
    for (const [run, dueAt] of this.#due) {
      if (dueAt > now) {
        next = Math.min(next, dueAt);
        if (!this.#mixed) break;
        continue;
      }
      this.#due.delete(run);
      run.timeOut();
    }
    if (next < this.#tickAt) this.#setTimer(next, next - now);
    if (next === Infinity) this.#mixed = false;
  }
}
