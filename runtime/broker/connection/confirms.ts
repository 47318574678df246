import type { Store, Waiter } from "../store/store.ts";
import type { Dirty } from "./flusher.ts";

/** Tells a publisher what became of its messages. */
export interface ConfirmWriter {
  /** @param multiple whether it also stands for all messages before that one */
  ack(sequence: number, multiple: boolean): void;
  nack(sequence: number): void;
  /** Has `confirms` flushed before the next output leaves. */
  soon(confirms: Dirty): void;
}

/**
 * Which publishes of a channel still need their confirm.
 *
 * One `multiple` ack confirms as many as possible of those that are in their queues. Messages that wait for the store
 * wait for its next commit, which is the same for all of them, so that it is enough to remember the first one. A
 * message that no queue takes, or that a queue refuses, is answered by itself and at once.
 */
export class Confirms implements Waiter, Dirty {
  #last = 0;
  #told = 0;
  #firstWaiting = 0;
  /** Answered by themselves before all earlier ones were. */
  readonly #answered = new Set<number>();
  #isEnded = false;

  constructor(readonly writer: ConfirmWriter) {}

  /** Numbers the next publish. */
  next(): number {
    return ++this.#last;
  }

  /** The message is in its queues. */
  taken(): void {
    this.writer.soon(this);
  }

  /** The message is in its queues, but safe only after the next commit of the store. */
  waitFor(store: Pick<Store, "whenCommitted">, sequence: number): void {
    if (this.#firstWaiting === 0) this.#firstWaiting = sequence;
    store.whenCommitted(this);
    this.writer.soon(this);
  }

  /** A queue refused the message. */
  refused(sequence: number): void {
    this.#answer(sequence);
    this.writer.nack(sequence);
    this.writer.soon(this);
  }

  /** The message is in no queue. Its own ack comes after those of all messages before it. */
  unroutable(sequence: number): void {
    this.#flush(sequence - 1);
    this.#answer(sequence);
    this.writer.ack(sequence, false);
  }

  committed(): void {
    if (this.#isEnded) return;
    this.#firstWaiting = 0;
    this.writer.soon(this);
  }

  /** Confirms all that can be confirmed by now. */
  flush(): void {
    if (!this.#isEnded) this.#flush(this.#last);
  }

  /** The channel is closed: nothing is confirmed any more. */
  end(): void {
    this.#isEnded = true;
  }

  #answer(sequence: number): void {
    if (sequence === this.#told + 1) this.#told = sequence;
    else this.#answered.add(sequence);
  }

  /** Confirms up to and including `last`. */
  #flush(last: number): void {
    const due = this.#firstWaiting === 0 ? last : this.#firstWaiting - 1;
    if (due <= this.#told) return;
    let upTo = due;
    while (upTo > this.#told && this.#answered.has(upTo)) upTo--;
    if (upTo > this.#told) this.writer.ack(upTo, upTo - this.#told > 1);
    this.#told = due;
    for (const sequence of this.#answered) if (sequence <= due) this.#answered.delete(sequence);
  }
}
