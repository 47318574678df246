import type { Channel, Delivery } from "../../core/ports/amqp.ts";
import { Deadlines } from "../../core/deadlines.ts";
import type { Slots } from "./slots.ts";
import type { Recipient } from "./recipient.ts";
import { andThen, type MaybePromise } from "../delivery/maybe_promise.ts";

/** Where an intake's messages come from and go to. */
export interface IntakeParts {
  readonly channel: Channel;
  readonly queue: string;
  readonly noAck: boolean;
  readonly slots: Slots;
  /** Milliseconds that a message may wait here before it goes back unrun. */
  readonly maxWaitMs: number;
  readonly recipient: Recipient;
  /** Called when the broker ended the consumer. */
  readonly onCancel: () => void;
}

// Without acknowledgements no prefetch holds the broker back: past this many waiting messages the consumer is
// cancelled, and attached again once half of them are done.
const maxWaiting = 10_000;

/** One consumer on one channel: what it is given goes into the slots. */
export class Intake {
  readonly #parts: IntakeParts;
  #tag: string | undefined;
  /** Detached until there is room again. */
  #held = false;
  #turning: Promise<void> | undefined;
  #stopped = false;
  readonly #waiting: Deadlines;
  /** What gives those back that wait for their turn. */
  readonly #unrun = new Set<() => MaybePromise<unknown>>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#waiting = new Deadlines(parts.maxWaitMs);
  }

  /** Attaches the consumer. */
  async start(): Promise<void> {
    await this.#attach();
    if (this.#parts.noAck) this.#balance();
  }

  /** Detaches it; nothing arrives once this has resolved. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.giveUp(undefined);
    await this.#turning;
    await this.#detach();
  }

  /** Gives what waits for its turn back to the queue; resolves when all of it is there. */
  async giveBack(): Promise<void> {
    await Promise.all([...this.#unrun].map((giveBack) => giveBack()));
  }

  /** Lets go of what it has; for when its channel is gone. */
  close(): void {
    this.#stopped = true;
    this.#waiting.giveUp(undefined);
    this.#unrun.clear();
  }

  #take(delivery: Delivery): void {
    const { slots, recipient, noAck, queue } = this.#parts;
    if (noAck) {
      slots.push(() => andThen(recipient.handle(delivery, queue), () => this.#balance()));
      return this.#balance();
    }
    // Not in the slots, which may be full of the very runs that such deliveries have to wait for.
    if (recipient.follow(delivery, queue)) return;
    if (slots.full) this.#takeLater(delivery);
    else slots.push(() => recipient.handle(delivery, queue));
  }

  /** The message has to wait; one that would wait too long goes back to its queue before the broker takes it away. */
  #takeLater(delivery: Delivery): void {
    const { slots, recipient, queue } = this.#parts;
    const arrivedAt = performance.now();
    const goBack = () => {
      this.#unrun.delete(goBack);
      return recipient.giveBack(delivery, queue, arrivedAt);
    };
    const waiting = { timeOut: goBack, giveUp: () => {} };
    this.#unrun.add(goBack);
    if (!this.#stopped) this.#waiting.add(waiting);
    slots.push(() => {
      this.#waiting.delete(waiting);
      if (this.#unrun.delete(goBack) && delivery.open) return recipient.handle(delivery, queue, arrivedAt);
    });
  }

  #balance(): void {
    if (this.#turning || this.#stopped) return;
    const { waiting } = this.#parts.slots;
    if (this.#tag !== undefined && waiting > maxWaiting) this.#turning = this.#turn(() => this.#detach());
    else if (this.#held && waiting < maxWaiting / 2) this.#turning = this.#turn(() => this.#attach());
  }

  async #turn(change: () => Promise<void>): Promise<void> {
    try {
      await change();
      this.#held = this.#tag === undefined;
    } catch {
      // The channel is gone, which its owner sees too.
      this.#stopped = true;
    }
    this.#turning = undefined;
    // The last run may have ended meanwhile, and then nothing else would notice that there is room.
    this.#balance();
  }

  async #attach(): Promise<void> {
    const { channel, queue, noAck, onCancel } = this.#parts;
    this.#tag = await channel.consume(queue, { noAck }, (delivery) => this.#take(delivery), onCancel);
  }

  async #detach(): Promise<void> {
    const tag = this.#tag;
    this.#tag = undefined;
    if (tag !== undefined) await this.#parts.channel.cancel(tag);
  }
}
