/** How far a function has come in its stream, by offsets. They rise, and some may be missing. */
export class Progress {
  /** Delivered and not settled, in order. */
  readonly #open = new Set<number>();
  #next: number | undefined;

  /** A message was delivered. */
  delivered(offset: number): void {
    this.#open.add(offset);
    this.#next = offset + 1;
  }

  /** Its run has ended, and it need not be read again. */
  settled(offset: number): void {
    this.#open.delete(offset);
  }

  /** Everything before this offset is settled; `undefined` before the first delivery. */
  get next(): number | undefined {
    for (const first of this.#open) return first;
    return this.#next;
  }
}
