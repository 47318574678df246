import type { Channel, Delivery } from "../core/link.ts";
import type { Lane } from "./lane.ts";

/** Where an intake's messages come from and go to. */
export interface IntakeParts {
  readonly channel: Channel;
  readonly queue: string;
  readonly noAck: boolean;
  readonly lane: Lane;
  /** Takes a delivery to its settlement; never rejects. */
  readonly run: (delivery: Delivery) => Promise<void>;
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
  /** Detached until there is room again. */
  #held = false;
  #turning: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Attaches the consumer. */
  async start(): Promise<void> {
    await this.#attach();
    if (this.#parts.noAck) this.#balance();
  }

  /** Detaches it; nothing arrives once this has resolved. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turning;
    await this.#detach();
  }

  #take(delivery: Delivery): void {
    const { lane, run, noAck } = this.#parts;
    if (!noAck) return lane.push(() => run(delivery));
    lane.push(() => run(delivery).finally(() => this.#balance()));
    this.#balance();
  }

  #balance(): void {
    if (this.#turning || this.#stopped) return;
    const { waiting } = this.#parts.lane;
    if (this.#tag !== undefined && waiting > mostWaiting) this.#turning = this.#turn(() => this.#detach());
    else if (this.#held && waiting < mostWaiting / 2) this.#turning = this.#turn(() => this.#attach());
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
