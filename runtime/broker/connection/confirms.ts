/**
 * Which publishes of a channel still want their confirm.
 *
 * What is in its queues is confirmed as far as possible with one `multiple` ack; messages that wait for the store wait
 * for its next commit, which settles all of them at once, so that the first waiting one is all there is to remember.
 * What no queue takes, or one refuses, is told by itself.
 */
export class Confirms {
  #last = 0;
  #told = 0;
  #firstWaiting = 0;
  /** Told by themselves, ahead of those before them. */
  readonly #settled = new Set<number>();

  /** Numbers the next publish. */
  next(): number {
    return ++this.#last;
  }

  /** This one is confirmed only after the next commit. */
  wait(sequence: number): void {
    if (this.#firstWaiting === 0) this.#firstWaiting = sequence;
  }

  committed(): void {
    this.#firstWaiting = 0;
  }

  /** The caller tells the client of this one by itself, at once. */
  settled(sequence: number): void {
    if (sequence === this.#told + 1) this.#told = sequence;
    else this.#settled.add(sequence);
  }

  /** Tells what can be told now, up to and with `last`. */
  flush(ack: (sequence: number, multiple: boolean) => void, last: number = this.#last): void {
    const due = this.#firstWaiting === 0 ? last : this.#firstWaiting - 1;
    if (due <= this.#told) return;
    let upTo = due;
    while (upTo > this.#told && this.#settled.has(upTo)) upTo--;
    if (upTo > this.#told) ack(upTo, upTo - this.#told > 1);
    this.#told = due;
    for (const sequence of this.#settled) if (sequence <= due) this.#settled.delete(sequence);
  }
}
