/** Work that no run waits for, but that has to end before the function stops. */
export class Background {
  readonly #work = new Set<Promise<unknown>>();

  /** `work` must not reject. */
  add(work: Promise<unknown>): void {
    this.#work.add(work);
    work.finally(() => this.#work.delete(work));
  }

  /** Resolves when all work has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#work);
  }
}
