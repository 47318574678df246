/** What ends a run: called with nothing when its time is over, with a reason when the runtime gives up. */
export interface Waiting {
  timeOut(): void;
  giveUp(reason: unknown): void;
}

/**
 * The runs of one function that are under way, in the order they began. As each may take equally long, the first is
 * always the next to be due, and one timer serves them all; it costs a run no more than an entry in a map.
 */
export class Deadlines {
  readonly #ms: number;
  readonly #due = new Map<Waiting, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `ms` is what each run may take. */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** A run begins. */
  add(run: Waiting): void {
    this.#due.set(run, performance.now() + this.#ms);
    this.#timer ??= setTimeout(() => this.#tick(), this.#ms);
  }

  /** A run has ended. The timer stays for the next ones; when it finds none it is not set again. */
  delete(run: Waiting): void {
    this.#due.delete(run);
  }

  /** Ends every run: the runtime will wait no longer. */
  giveUp(reason: unknown): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const run of [...this.#due.keys()]) run.giveUp(reason);
  }

  #tick(): void {
    this.#timer = undefined;
    for (const [run, dueAt] of this.#due) {
      const left = dueAt - performance.now();
      if (left > 0) {
        this.#timer = setTimeout(() => this.#tick(), left);
        return;
      }
      this.#due.delete(run);
      run.timeOut();
    }
  }
}
