import type { Table } from "../../amqp/table.ts";
import type { QueueSettings } from "./arguments.ts";
import { now } from "./clock.ts";
import { type Consumer, Consumers } from "./consumers.ts";
import { Deque } from "./deque.ts";
import { Entry, type Message } from "./message.ts";
import type { Queue, QueueHost, QueueOptions } from "./queue.ts";
import { Segments } from "./segments.ts";
import type { StreamStart } from "./stream_start.ts";

/** The offset of an entry: 0 for the first message that its stream ever had. */
export function offsetOf({ sequence }: Entry): number {
  return sequence - 1;
}

/**
 * A log: its messages stay when they are acknowledged, and each consumer reads all of them, from a place of its own. The
 * oldest go as `x-max-length-bytes` and `x-max-age` say.
 */
export class Stream implements Queue {
  readonly kind = "queue";
  readonly name: string;
  readonly durable = true;
  readonly autoDelete = false;
  readonly owner = undefined;
  readonly args: Table;
  readonly settings: QueueSettings;
  readonly consumers = new Consumers(false);

  readonly #host: QueueHost;
  readonly #log = new Deque<Entry>();
  readonly #segments: Segments;
  /** The sequence number that each consumer gets next. */
  readonly #next = new WeakMap<Consumer, number>();
  /** The sequence number that the next message will have. */
  #end = 1;
  #isDeleted = false;

  constructor({ name, args, settings }: QueueOptions, host: QueueHost) {
    this.name = name;
    this.args = args;
    this.settings = settings;
    this.#host = host;
    this.#segments = new Segments(settings);
  }

  get deleted(): boolean {
    return this.#isDeleted;
  }

  get length(): number {
    return this.#log.length;
  }

  priorityOf(): number {
    return 0;
  }

  publish(message: Message): boolean {
    const entry = new Entry(message, this.#end, now());
    // Whatever its sender says of persistence.
    this.#host.store.insert(this, entry);
    this.recover(entry);
    this.#forgetOld();
    this.pump();
    return true;
  }

  recover(entry: Entry): void {
    this.#host.memory.retain(entry.message);
    this.#log.push(entry);
    this.#segments.add(entry);
    this.#end = entry.sequence + 1;
  }

  take(): undefined {
    return undefined;
  }

  // An answer only makes room for more: nothing leaves a stream, and nothing comes back to it.
  settle(): void {}

  reject(): void {}

  requeue(): void {}

  pump(): void {
    for (const consumer of this.consumers) this.resume(consumer);
  }

  subscribe(consumer: Consumer): void {
    this.#next.set(consumer, this.#begin(consumer.from ?? "next"));
    this.consumers.add(consumer);
    this.resume(consumer);
  }

  resume(consumer: Consumer): void {
    // It may have been cancelled, and still acknowledge what it has.
    while (!this.#isDeleted && this.consumers.has(consumer)) {
      const next = Math.max(this.#next.get(consumer)!, this.#first);
      if (next >= this.#end) return;
      if (!consumer.ready()) return consumer.passedOver();
      this.#next.set(consumer, next + 1);
      consumer.deliver(this.#log.at(next - this.#first)!);
    }
  }

  unsubscribe(consumer: Consumer): void {
    this.consumers.remove(consumer);
  }

  purge(): number {
    return this.#drop(this.#log.length);
  }

  delete(): number {
    this.#isDeleted = true;
    const count = this.purge();
    for (const consumer of this.consumers) consumer.cancelled();
    return count;
  }

  close(): void {}

  redeclared(): void {}

  /** The sequence number of the oldest message. */
  get #first(): number {
    return this.#end - this.#log.length;
  }

  #begin(from: StreamStart): number {
    if (from === "first") return this.#first;
    if (from === "next") return this.#end;
    if (from === "last") return Math.max(this.#first, this.#end - 1);
    if ("offset" in from) return from.offset + 1;
    return this.#since(from.time - Date.now() + now());
  }

  /** The sequence number of the first message that was published at a time of clock.ts, or later. */
  #since(time: number): number {
    let low = this.#first, high = this.#end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#log.at(middle - this.#first)!.expiresAt < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forgetOld(): void {
    this.#drop(this.#segments.takeOld());
  }

  /** Drops the oldest messages, and returns how many. */
  #drop(count: number): number {
    for (let left = count; left > 0; left--) {
      const entry = this.#log.shift()!;
      this.#host.store.remove(this, entry);
      this.#host.memory.release(entry.message);
    }
    return count;
  }
}
