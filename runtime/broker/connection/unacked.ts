import { AmqpError } from "../errors.ts";
import type { Entry } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import type { ChannelConsumer } from "./channel_consumer.ts";

/** A message that a client has and has not answered for. */
export interface Unacked {
  readonly entry: Entry;
  readonly queue: Queue;
  /** Undefined for basic.get, which counts against no prefetch. */
  readonly consumer: ChannelConsumer | undefined;
}

/** The unanswered deliveries of a channel, in the order of their tags. */
export class UnackedSet {
  readonly #byTag = new Map<number, Unacked>();
  #lastTag = 0;

  get size(): number {
    return this.#byTag.size;
  }

  nextTag(): number {
    return ++this.#lastTag;
  }

  /** The tag the next delivery will have; direct replies bear it without using it up. */
  comingTag(): number {
    return this.#lastTag + 1;
  }

  add(tag: number, unacked: Unacked): void {
    this.#byTag.set(tag, unacked);
  }

  /** Removes and returns the one delivery. Throws when there is none by this tag, or no longer. */
  take(tag: number): Unacked {
    const unacked = this.#byTag.get(tag);
    if (!unacked) throw unknownTag(tag);
    this.#byTag.delete(tag);
    return unacked;
  }

  /** Removes and returns all up to and with the tag; 0 stands for all there are. */
  takeUpTo(tag: number): [number, Unacked][] {
    if (tag === 0) return this.takeAll();
    if (!this.#byTag.has(tag)) throw unknownTag(tag);
    const taken: [number, Unacked][] = [];
    for (const item of this.#byTag) {
      if (item[0] > tag) break;
      taken.push(item);
    }
    for (const [each] of taken) this.#byTag.delete(each);
    return taken;
  }

  takeAll(): [number, Unacked][] {
    const taken = [...this.#byTag];
    this.#byTag.clear();
    return taken;
  }

  /** Puts back what a rolled back transaction had taken. */
  restore(taken: readonly [number, Unacked][]): void {
    const all = [...taken, ...this.#byTag].sort(([a], [b]) => a - b);
    this.#byTag.clear();
    for (const [tag, unacked] of all) this.#byTag.set(tag, unacked);
  }
}

export function unknownTag(tag: number | bigint): AmqpError {
  return new AmqpError("precondition_failed", `unknown delivery tag ${tag}`);
}
