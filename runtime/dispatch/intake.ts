import type { Channel, Delivery } from "../core/link.ts";
import { Deadlines } from "./deadlines.ts";
import type { Lane } from "./lane.ts";

/** Where an intake's messages come from and go to. */
export interface IntakeParts {
  readonly channel: Channel;
  readonly queue: string;
  readonly noAck: boolean;
  readonly lane: Lane;
  /** Milliseconds that a message may wait here before it goes back unrun. */
  readonly mostWaitMs: number;
  /** Takes a delivery to its settlement; never rejects. */
  readonly run: (delivery: Delivery, queue: string) => Promise<void>;
  /** Called when the broker ended the consumer. */
  readonly onCancel: () => void;
}

// Without acknowledgements no prefetch holds the broker back: past this many waiting messages the consumer is
// cancelled, and attached again once half of them are done.
const mostWaiting = 10_000;

/** One consumer on one channel: what it is given goes into the lane. */
export class Intake {
  readonly #parts: IntakeParts;
  #tag: string | undefined;
  #turning: Promise<void> | undefined;
  #stopped = false;
  readonly #waiting: Deadlines;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#waiting = new Deadlines(parts.mostWaitMs);
  }

  /** Attaches the consumer. */
  async start(): Promise<void> {
    const { channel, queue, noAck, onCancel } = this.#parts;
    this.#tag = await channel.consume(queue, { noAck }, (delivery) => this.#take(delivery), onCancel);
  }

  /** Detaches it; nothing arrives once this has resolved. */
  async stop(): Promise<void> {
    this.close();
    await this.#turning;
    await this.#detach();
  }

  /** Lets go of what it has; for when its channel is gone. */
  close(): void {
    this.#stopped = true;
    this.#waiting.giveUp(undefined);
  }

  #take(delivery: Delivery): void {
    const { lane, run, noAck, queue } = this.#parts;
    if (noAck) {
      lane.push(() => run(delivery, queue).finally(() => this.#balance()));
      return this.#balance();
    }
    if (lane.full) this.#takeLater(delivery);
    else lane.push(() => run(delivery, queue));
  }

  /** The message has to wait; one that would wait too long goes back to its queue before the broker takes it away. */
  #takeLater(delivery: Delivery): void {
    const { lane, run, queue } = this.#parts;
    const waiting = { timeOut: () => delivery.requeue(), giveUp: () => {} };
    this.#waiting.add(waiting);
    lane.push(async () => {
      this.#waiting.delete(waiting);
      if (delivery.open) await run(delivery, queue);
    });
  }

  #balance(): void {
    if (this.#turning || this.#stopped) return;
    const { waiting } = this.#parts.lane;
    if (this.#tag !== undefined && waiting > mostWaiting) this.#turn(this.#detach());
    else if (this.#tag === undefined && waiting < mostWaiting / 2) this.#turn(this.start());
  }

  // A failure here means that the channel is gone, which its owner sees too.
  #turn(change: Promise<void>): void {
    this.#turning = change.catch(() => {}).finally(() => this.#turning = undefined);
  }

  async #detach(): Promise<void> {
    const tag = this.#tag;
    this.#tag = undefined;
    if (tag !== undefined) await this.#parts.channel.cancel(tag);
  }
}
