import { AmqpError } from "../errors.ts";
import type { Entry } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";

/** Who got a delivery, and is told when it is answered. */
export interface Receiver {
  /** One of its messages was answered. */
  answered(): void;
  /** It may have room again. */
  resume(): void;
}

/** A message that was delivered and is not answered yet. */
export interface Unacked {
  readonly entry: Entry;
  readonly queue: Queue;
  /** Undefined for basic.get, which no prefetch limits. */
  readonly consumer: Receiver | undefined;
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

  /** The tag that the next delivery will have. Direct replies have it too, and do not use it up. */
  comingTag(): number {
    return this.#lastTag + 1;
  }

  add(tag: number, unacked: Unacked): void {
    this.#byTag.set(tag, unacked);
  }

  /** Removes and returns one delivery. Throws 406 where this tag is not outstanding. */
  take(tag: number): Unacked {
    const unacked = this.#byTag.get(tag);
    if (!unacked) throw unknownTag(tag);
    this.#byTag.delete(tag);
    return unacked;
  }

  /** Removes and returns all up to and including the tag; 0 stands for all there are. Throws 406 as `take` does. */
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

  /** Puts back the deliveries that a transaction took, as it was rolled back. */
  restore(taken: readonly [number, Unacked][]): void {
    const all = [...taken, ...this.#byTag].sort(([a], [b]) => a - b);
    this.#byTag.clear();
    for (const [tag, unacked] of all) this.#byTag.set(tag, unacked);
  }
}

export function unknownTag(tag: number | bigint): AmqpError {
  return new AmqpError("precondition_failed", `unknown delivery tag ${tag}`);
}
