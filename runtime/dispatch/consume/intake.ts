import type { Channel, Delivery } from "../../core/ports/amqp.ts";
import { Deadlines } from "../../core/deadlines.ts";
import { movedHeaders } from "../../core/ports/moved_headers.ts";
import { HeldDelivery } from "./held_delivery.ts";
import type { LaneJob, Lanes } from "./lanes.ts";
import type { Slots } from "./slots.ts";
import type { Recipient } from "./recipient.ts";
import type { Reading } from "./source.ts";
import { andThen, type MaybePromise } from "../delivery/maybe_promise.ts";

/** What an intake needs. */
export interface IntakeParts {
  readonly channel: Channel;
  /** The queue to which the messages belong. */
  readonly queue: string;
  /** The queues that are consumed. */
  readonly sources: readonly string[];
  /** How a stream is consumed, if that is what it consumes. */
  readonly reading: Reading | undefined;
  readonly noAck: boolean;
  readonly slots: Slots;
  /** Where messages of one key wait for each other. */
  readonly lanes: Lanes | undefined;
  /** Gives all messages back in their order, if none may go back alone. */
  readonly giveAllBack: (() => void) | undefined;
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
  #tags: string[] = [];
  /** Whether it takes no more messages though it is attached. */
  #deaf = false;
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

  /** Takes no more messages, but stays attached, so that the broker gives them to nobody else before the channel closes. */
  hush(): void {
    this.#deaf = true;
    this.#stopped = true;
    this.#waiting.giveUp(undefined);
    this.#unrun.clear();
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

  #take(arrived: Delivery): void {
    if (this.#deaf) return;
    const { slots, lanes, giveAllBack, recipient, noAck, queue } = this.#parts;
    const delivery = giveAllBack ? new HeldDelivery(arrived, giveAllBack) : arrived;
    if (lanes) return this.#takeLater(delivery, (job) => lanes.push(laneOf(delivery), job));
    if (noAck) {
      slots.push(() => andThen(recipient.handle(delivery, queue), () => this.#balance()));
      return this.#balance();
    }
    // These deliveries need no slot: the slots may be full of the very runs that they wait for.
    if (recipient.follow(delivery, queue)) return;
    if (slots.full) {
      this.#takeLater(delivery, (job) => slots.push(job.run));
    } else slots.push((permit) => recipient.handle(delivery, queue, undefined, permit));
  }

  /** Lets a message wait. If it waits too long, it goes back to its queue, before the broker closes the channel over it. */
  #takeLater(delivery: Delivery, push: (job: LaneJob) => void): void {
    const { recipient, queue } = this.#parts;
    const arrivedAt = performance.now();
    const goBack = () => {
      this.#unrun.delete(goBack);
      return recipient.giveBack(delivery, queue, arrivedAt);
    };
    const waiting = { timeOut: goBack, giveUp: () => {} };
    this.#unrun.add(goBack);
    const deadline = this.#stopped ? undefined : this.#waiting.add(waiting);
    let begun = false;
    const isOurs = () => {
      if (deadline) this.#waiting.delete(deadline);
      begun = this.#unrun.delete(goBack) || begun;
      return begun && delivery.open;
    };
    push({
      run: (permit) => isOurs() ? recipient.handle(delivery, queue, arrivedAt, permit) : undefined,
      supersede: () => void (isOurs() && recipient.supersede?.(delivery, queue, arrivedAt)),
    });
  }

  #balance(): void {
    if (this.#turning || this.#stopped) return;
    const { waiting } = this.#parts.slots;
    if (this.#tags.length > 0 && waiting > maxWaiting) this.#turning = this.#turn(() => this.#detach());
    else if (this.#held && waiting < maxWaiting / 2) this.#turning = this.#turn(() => this.#attach());
  }

  async #turn(change: () => Promise<void>): Promise<void> {
    try {
      await change();
      this.#held = this.#tags.length === 0;
    } catch {
      // The channel is gone. Its owner notices that too.
      this.#stopped = true;
    }
    this.#turning = undefined;
    // The last run may have ended meanwhile, and then nothing else would check for room again.
    this.#balance();
  }

  async #attach(): Promise<void> {
    const { channel, sources, reading, noAck, onCancel } = this.#parts;
    const pass = (delivery: Delivery) => this.#take(delivery);
    const onDelivery = reading ? (delivery: Delivery) => reading.take(delivery, pass) : pass;
    const options = { noAck, arguments: reading?.arguments };
    for (const source of sources) {
      this.#tags.push(await channel.consume(source, options, onDelivery, onCancel));
    }
  }

  async #detach(): Promise<void> {
    for (const tag of this.#tags.splice(0)) await this.#parts.channel.cancel(tag);
  }
}

/** The lane of a message: its key, or one of its own. */
function laneOf({ headers }: Delivery): unknown {
  const key = headers.get(movedHeaders.key);
  return typeof key === "string" ? key : Symbol();
}
