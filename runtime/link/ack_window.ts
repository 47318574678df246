/** Sends one acknowledgement: of one delivery tag, or of every outstanding one up to it. */
export type SendAck = (deliveryTag: number, multiple: boolean) => void;

/**
 * The deliveries of a channel that are not settled yet. Those completed within one turn of the event loop are
 * acknowledged together at its end: `multiple` for the run of tags from the oldest outstanding one, single
 * acknowledgements beyond it, so that one slow message holds back neither the others nor the prefetch window.
 */
export class AckWindow {
  readonly #send: SendAck;
  #oldest = 1;
  /** Completed and not yet acknowledged. */
  readonly #completed = new Set<number>();
  /** Settled out of order, beyond the oldest outstanding tag. */
  readonly #settled = new Set<number>();

  constructor(send: SendAck) {
    this.#send = send;
  }

  /** Completed deliveries that wait for the flush. */
  get pending(): number {
    return this.#completed.size;
  }

  /** A delivery is done; the next flush acknowledges it. */
  complete(deliveryTag: number): void {
    this.#completed.add(deliveryTag);
  }

  /** A delivery was settled by other means, such as a requeue. */
  forget(deliveryTag: number): void {
    this.#settled.add(deliveryTag);
    this.#advance();
  }

  /** Acknowledges what has been completed. */
  flush(): void {
    if (this.#completed.size === 0) return;
    this.#acknowledgeRun();
    for (const tag of this.#completed) {
      this.#send(tag, false);
      this.#settled.add(tag);
    }
    this.#completed.clear();
  }

  #acknowledgeRun(): void {
    let last: number | undefined;
    let count = 0;
    for (let tag = this.#oldest;; tag++) {
      if (this.#completed.delete(tag)) {
        last = tag;
        count++;
      } else if (!this.#settled.delete(tag)) {
        this.#oldest = tag;
        break;
      }
    }
    if (last !== undefined) this.#send(last, count > 1);
  }

  #advance(): void {
    while (this.#settled.delete(this.#oldest)) this.#oldest++;
  }
}
