/** Sends one acknowledgement: for one delivery tag, or for all outstanding ones up to it (`multiple`). */
export type SendAck = (deliveryTag: number, multiple: boolean) => void;

/**
 * The deliveries of a channel that are not settled yet. Those that are completed in one turn of the event loop are
 * acknowledged together at its end: the oldest ones without a gap by one `multiple`, the others one by one. So one slow
 * message does not hold back the others. Only outstanding deliveries are kept, and the prefetch limits their number.
 */
export class AckWindow {
  readonly #send: SendAck;
  /** Delivered and not settled yet, the oldest first. */
  readonly #outstanding = new Set<number>();
  /** Those of them that are completed and not acknowledged yet. */
  readonly #completed = new Set<number>();

  constructor(send: SendAck) {
    this.#send = send;
  }

  /** How many deliveries are not settled. */
  get outstanding(): number {
    return this.#outstanding.size;
  }

  /** A message was delivered. Tags come in ascending order. */
  deliver(deliveryTag: number): void {
    this.#outstanding.add(deliveryTag);
  }

  /** A delivery is completed. The next flush acknowledges it. */
  complete(deliveryTag: number): void {
    this.#completed.add(deliveryTag);
  }

  /** A delivery was settled in another way, such as a requeue or a rejection. */
  forget(deliveryTag: number): void {
    this.#outstanding.delete(deliveryTag);
  }

  /** Acknowledges all completed deliveries. */
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
