/** What ends a run: called with nothing when its time is over, with a reason when the runtime gives up. */
export interface Waiting {
  timeOut(): void;
  giveUp(reason: unknown): void;
}

/**
 * The runs of one function that are under way, in the order they began. One timer serves them all, set for the first
 * that is due; it costs a run no more than an entry in a map.
 */
export class Deadlines {
  readonly #ms: number;
  readonly #due = new Map<Waiting, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer is due. */
  #tickAt = Infinity;
  /** Whether some may take less than the others, so that those who began first need not be due first. */
  #mixed = false;

  /** `ms` is what each run may take, unless it is added with less. */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** A run begins, that may take `ms`, which is no more than any run may. */
  add(run: Waiting, ms: number = this.#ms): void {
    const dueAt = performance.now() + ms;
    this.#due.set(run, dueAt);
    if (ms < this.#ms) this.#mixed = true;
    if (dueAt < this.#tickAt) this.#setTimer(dueAt, ms);
  }

  /** A run has ended. The timer stays for the next ones; when it finds none it is not set again. */
  delete(run: Waiting): void {
    this.#due.delete(run);
  }

  /** Ends every run: the runtime will wait no longer. */
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
