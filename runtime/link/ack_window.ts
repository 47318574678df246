/** Sends one acknowledgement: of one delivery tag, or of every outstanding one up to it. */
export type SendAck = (deliveryTag: number, multiple: boolean) => void;

/**
 * The deliveries of a channel that are not settled yet. Those completed within one turn of the event loop are
 * acknowledged together at its end: `multiple` for the run of tags from the oldest outstanding one, single
 * acknowledgements beyond it, so that one slow message holds back neither the others nor the prefetch window.
 * It remembers only what is outstanding, which the prefetch bounds.
 */
export class AckWindow {
  readonly #send: SendAck;
  /** Delivered and not yet settled, oldest first. */
  readonly #outstanding = new Set<number>();
  /** Those of them that are completed and not yet acknowledged. */
  readonly #completed = new Set<number>();

  constructor(send: SendAck) {
    this.#send = send;
  }

  /** Deliveries that are not settled. */
  get outstanding(): number {
    return this.#outstanding.size;
  }

  /** The broker has delivered; tags come in ascending order. */
  deliver(deliveryTag: number): void {
    this.#outstanding.add(deliveryTag);
  }

  /** A delivery is done; the next flush acknowledges it. */
  complete(deliveryTag: number): void {
    this.#completed.add(deliveryTag);
  }

  /** A delivery was settled by other means, such as a requeue or a rejection. */
  forget(deliveryTag: number): void {
    this.#outstanding.delete(deliveryTag);
  }

  /** Acknowledges what has been completed. */
  flush(): void {
    if (this.#completed.size === 0) return;
    this.#acknowledgeRun();
    for (const tag of this.#completed) {
      this.#send(tag, false);
      this.#outstanding.delete(tag);
    }
    this.#completed.clear();
  }

  #acknowledgeRun(): void {
    let last: number | undefined;
    let count = 0;
    for (const tag of this.#outstanding) {
      if (!this.#completed.delete(tag)) break;
      this.#outstanding.delete(tag);
      last = tag;
      count++;
    }
    if (last !== undefined) this.#send(last, count > 1);
  }
}
