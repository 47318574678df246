/**
 * Which publishes of a channel still want their confirm.
 *
 * What is written is confirmed as far as possible with one `multiple` ack; messages that wait for the store wait for
 * its next commit, which settles all of them at once, so that the first waiting one is all there is to remember.
 */
export class Confirms {
  #last = 0;
  #told = 0;
  #firstWaiting = 0;
  #nacked: number[] = [];

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

  /** This one was refused; the caller tells the client at once. */
  refused(sequence: number): void {
    this.#nacked.push(sequence);
  }

  /** Tells what can be told now. */
  flush(ack: (sequence: number, multiple: boolean) => void): void {
    const due = this.#firstWaiting === 0 ? this.#last : this.#firstWaiting - 1;
    if (due <= this.#told) return;
    let upTo = due;
    if (this.#nacked.length > 0) {
      while (upTo > this.#told && this.#nacked.includes(upTo)) upTo--;
      this.#nacked = this.#nacked.filter((sequence) => sequence > due);
    }
    if (upTo > this.#told) ack(upTo, upTo - this.#told > 1);
    this.#told = due;
  }
}
