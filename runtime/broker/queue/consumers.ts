import { Deque } from "./deque.ts";
import type { Entry } from "./message.ts";
import type { StreamStart } from "./stream_start.ts";

/** Who gets the messages of a queue. */
export interface Consumer {
  readonly tag: string;
  readonly priority: number;
  readonly exclusive: boolean;
  /** Where in a stream it begins; undefined for the next message. */
  readonly from?: StreamStart;
  /** Whether it can take a message now: its prefetch and the output of its connection leave room. */
  ready(): boolean;
  /** It was its turn and it had no room: it gets nothing until it is resumed. */
  passedOver(): void;
  deliver(entry: Entry): void;
  /** The queue is gone. */
  cancelled(): void;
}

interface Seat {
  readonly consumer: Consumer;
  /** Not in the round until `resume`, as the consumer had no room when its turn came. */
  parked: boolean;
  /** The consumer is gone; its seat is still in the round. */
  left: boolean;
}

interface Level {
  readonly priority: number;
  /** Who is next; a consumer that was served goes to the end. */
  readonly round: Deque<Seat>;
}

/** Whose turn it is: the highest priority that has room, and within a priority one after the other. */
export class Consumers {
  readonly #seats = new Map<Consumer, Seat>();
  /** Highest priority first. */
  readonly #levels: Level[] = [];

  #active: Consumer | undefined;

  constructor(readonly singleActive: boolean) {}

  get size(): number {
    return this.#seats.size;
  }

  has(consumer: Consumer): boolean {
    return this.#seats.has(consumer);
  }

  get hasExclusive(): boolean {
    for (const consumer of this.#seats.keys()) if (consumer.exclusive) return true;
    return false;
  }

  add(consumer: Consumer): void {
    this.#active ??= consumer;
    const seat: Seat = { consumer, parked: false, left: false };
    this.#seats.set(consumer, seat);
    this.#levelOf(consumer.priority).round.push(seat);
  }

  remove(consumer: Consumer): void {
    const seat = this.#seats.get(consumer);
    if (!seat) return;
    seat.left = true;
    this.#seats.delete(consumer);
    if (this.#seats.size === 0) this.#active = undefined;
    this.#sweep();
  }

  /** The consumer may have room again. True: it can be its turn now. */
  resume(consumer: Consumer): boolean {
    const seat = this.#seats.get(consumer);
    if (!seat) return false;
    if (this.singleActive) return true;
    if (!seat.parked) return false;
    seat.parked = false;
    this.#levelOf(consumer.priority).round.push(seat);
    return true;
  }

  /** The consumer that gets the next message; undefined where none has room. */
  next(): Consumer | undefined {
    if (this.singleActive) return this.#turnOfActive();
    for (const { round } of this.#levels) {
      for (let seat = round.shift(); seat; seat = round.shift()) {
        if (seat.left) continue;
        if (seat.consumer.ready()) {
          round.push(seat);
          return seat.consumer;
        }
        seat.parked = true;
        seat.consumer.passedOver();
      }
    }
  }

  *[Symbol.iterator](): Generator<Consumer> {
    yield* this.#seats.keys();
  }

  /** The active consumer stays active until it leaves; then the first one of the highest priority follows. */
  #turnOfActive(): Consumer | undefined {
    if (!this.#active || !this.#seats.has(this.#active)) {
      this.#active = [...this.#seats.keys()].reduce<Consumer | undefined>(
        (best, next) => best && best.priority >= next.priority ? best : next,
        undefined,
      );
    }
    if (this.#active?.ready()) return this.#active;
    this.#active?.passedOver();
  }

  #levelOf(priority: number): Level {
    let at = this.#levels.findIndex((level) => level.priority <= priority);
    if (at < 0) at = this.#levels.length;
    const found = this.#levels[at];
    if (found?.priority === priority) return found;
    const level = { priority, round: new Deque<Seat>() };
    this.#levels.splice(at, 0, level);
    return level;
  }

  /** The seats of consumers that left stay in the round until their turn; removes them where they could pile up. */
  #sweep(): void {
    for (const level of this.#levels) {
      if (level.round.length <= 2 * this.#seats.size) continue;
      const staying = [...level.round].filter((seat) => !seat.left);
      level.round.clear();
      for (const seat of staying) level.round.push(seat);
    }
    for (let i = this.#levels.length - 1; i >= 0; i--) {
      if (this.#levels[i]!.round.length === 0) this.#levels.splice(i, 1);
    }
  }
}
