/** Lets one piece of work run with nothing of its kind beside it; all other work enters and leaves. */
export class ExclusiveGate {
  #inside = 0;
  #turn: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  /** Pending while somebody is alone, or waits to be; `undefined` when all may enter. */
  get closed(): Promise<void> | undefined {
    return this.#closed;
  }

  /** Work begins beside the others. */
  enter(): void {
    this.#inside++;
  }

  /** Work has ended. */
  leave(): void {
    this.#inside--;
    if (this.#inside === 0) this.#emptied?.();
  }

  /** Waits until all others have left, keeps them out, and does the work; those who want the same take turns. */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.#turn;
    const { promise: mine, resolve: done } = Promise.withResolvers<void>();
    this.#turn = mine;
    await before;
    this.#closed = mine;
    if (this.#inside > 0) await new Promise<void>((resolve) => this.#emptied = resolve);
    this.#emptied = undefined;
    try {
      return await work();
    } finally {
      this.#closed = undefined;
      done();
    }
  }
}
