/** Lets one piece of work run alone, while all other work waits. Normal work enters and leaves. */
export class ExclusiveGate {
  #inside = 0;
  #turn: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;
  #emptied: (() => void) | undefined;
  readonly #onClose: () => void;

  /** `onClose` is called when a piece of work waits for all others to leave. */
  constructor(onClose: () => void = () => {}) {
    this.#onClose = onClose;
  }

  /** A promise while one piece of work runs alone, or waits to; `undefined` when work may enter. */
  get closed(): Promise<void> | undefined {
    return this.#closed;
  }

  /** Normal work begins. */
  enter(): void {
    this.#inside++;
  }

  /** Normal work has ended. */
  leave(): void {
    this.#inside--;
    if (this.#inside === 0) this.#emptied?.();
  }

  /** Waits until all other work has left, keeps it out, and does this work. Several calls take turns. */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.#turn;
    const { promise: mine, resolve: done } = Promise.withResolvers<void>();
    this.#turn = mine;
    await before;
    this.#closed = mine;
    if (this.#inside > 0) {
      const emptied = new Promise<void>((resolve) => this.#emptied = resolve);
      this.#onClose();
      await emptied;
    }
    this.#emptied = undefined;
    try {
      return await work();
    } finally {
      this.#closed = undefined;
      done();
    }
  }
}
