import { Deque } from "./deque.ts";
import type { Entry } from "./message.ts";

/** The entries that wait for a consumer: highest priority first, in order of publishing within one. */
export class Ready {
  #length = 0;
  #bytes = 0;
  readonly #levels: Deque<Entry>[];

  /** @param maxPriority 0 for a queue without priorities */
  constructor(readonly maxPriority: number) {
    this.#levels = Array.from({ length: maxPriority + 1 }, () => new Deque<Entry>());
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes of the bodies that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The priority of an entry in this queue, whose highest one is `maxPriority`. */
  priorityOf(entry: Entry): number {
    return Math.min(entry.message.traits.priority, this.maxPriority);
  }

  push(entry: Entry): void {
    this.#levels[this.priorityOf(entry)]!.push(entry);
    this.#length++;
    this.#bytes += entry.message.size;
  }

  first(): Entry | undefined {
    for (let i = this.maxPriority; i >= 0; i--) {
      const level = this.#levels[i]!;
      if (level.length > 0) return level.at(0);
    }
  }

  shift(): Entry | undefined {
    for (let i = this.maxPriority; i >= 0; i--) {
      const level = this.#levels[i]!;
      if (level.length > 0) return this.#took(level.shift()!);
    }
  }

  /** Puts an entry back to the place its sequence number gives it. */
  restore(entry: Entry): void {
    const level = this.#levels[this.priorityOf(entry)]!;
    let low = 0, high = level.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (level.at(middle)!.sequence < entry.sequence) low = middle + 1;
      else high = middle;
    }
    level.insert(low, entry);
    this.#length++;
    this.#bytes += entry.message.size;
  }

  clear(): void {
    for (const level of this.#levels) level.clear();
    this.#length = 0;
    this.#bytes = 0;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const level of this.#levels) yield* level;
  }

  #took(entry: Entry): Entry {
    this.#length--;
    this.#bytes -= entry.message.size;
    return entry;
  }
}
