import type { Channel, Delivery } from "../../core/ports/amqp.ts";
import { Deadlines } from "../../core/deadlines.ts";
import type { Slots } from "./slots.ts";
import type { Recipient } from "./recipient.ts";
import type { Reading } from "./source.ts";
import { andThen, type MaybePromise } from "../delivery/maybe_promise.ts";

/** What an intake needs. */
export interface IntakeParts {
  readonly channel: Channel;
  /** The queue that its messages belong to. */
  readonly queue: string;
  /** What it consumes instead, if that is another queue. */
  readonly reading: Reading | undefined;
  readonly noAck: boolean;
  readonly slots: Slots;
  /** How many milliseconds a message may wait here before it goes back to the queue without a run. */
  readonly maxWaitMs: number;
  readonly recipient: Recipient;
  /** Called when the broker ended the consumer. */
  readonly onCancel: () => void;
}

// Without acknowledgements, no prefetch limits the broker. So the consumer is cancelled when more than this many messages
// wait, and attached again when half of them are done.
const maxWaiting = 10_000;

/** One consumer on one channel. It puts the messages that arrive into the slots. */
export class Intake {
  readonly #parts: IntakeParts;
  #tag: string | undefined;
  /** Whether it is detached until there is room again. */
  #held = false;
  #turning: Promise<void> | undefined;
  #stopped = false;
  readonly #waiting: Deadlines;
  /** For each waiting message, the function that gives it back. */
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

  /** Detaches the consumer. When this has resolved, no more messages arrive. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.giveUp(undefined);
    await this.#turning;
    await this.#detach();
  }

  /** Gives the waiting messages back to the queue. Resolves when all of them are there. */
  async giveBack(): Promise<void> {
    await Promise.all([...this.#unrun].map((giveBack) => giveBack()));
  }

  /** Forgets the waiting messages, because the channel is gone. */
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
    // These deliveries need no slot: the slots may be full of the very runs that they wait for.
    if (recipient.follow(delivery, queue)) return;
    if (slots.full) this.#takeLater(delivery);
    else slots.push((permit) => recipient.handle(delivery, queue, undefined, permit));
  }

  /** Lets a message wait. If it waits too long, it goes back to its queue, before the broker closes the channel over it. */
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
    slots.push((permit) => {
      this.#waiting.delete(waiting);
      if (!this.#unrun.delete(goBack) || !delivery.open) return;
      return recipient.handle(delivery, queue, arrivedAt, permit);
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
      // The channel is gone. Its owner notices that too.
      this.#stopped = true;
    }
    this.#turning = undefined;
    // The last run may have ended meanwhile, and then nothing else would check for room again.
    this.#balance();
  }

  async #attach(): Promise<void> {
    const { channel, queue, reading, noAck, onCancel } = this.#parts;
    const pass = (delivery: Delivery) => this.#take(delivery);
    this.#tag = await channel.consume(
      reading?.queue ?? queue,
      { noAck, arguments: reading?.arguments },
      reading ? (delivery) => reading.take(delivery, pass) : pass,
      onCancel,
    );
  }

  async #detach(): Promise<void> {
    const tag = this.#tag;
    this.#tag = undefined;
    if (tag !== undefined) await this.#parts.channel.cancel(tag);
  }
}
