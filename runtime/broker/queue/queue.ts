import type { Binding } from "../exchange/exchange.ts";
import type { Memory } from "../memory.ts";
import type { Table } from "../../amqp/table.ts";
import type { Store } from "../store/store.ts";
import type { QueueSettings } from "./arguments.ts";
import { expiryOf, isRefused, overflows } from "./bounds.ts";
import { now } from "./clock.ts";
import { type Consumer, Consumers } from "./consumers.ts";
import { Entry, type Message } from "./message.ts";
import { Ready } from "./ready.ts";
import { Timer } from "./timer.ts";

export type DeathReason = "expired" | "rejected" | "maxlen" | "delivery_limit";

/** What a queue needs of the broker around it. */
export interface QueueHost {
  readonly memory: Memory;
  readonly store: Store;
  /** Publishes a message the queue gives up to its dead letter exchange. */
  deadLetter(queue: Queue, message: Message, reason: DeathReason): void;
  /** The queue expired, or its last consumer has left. */
  deleteQueue(queue: Queue): void;
}

/** A connection, as its exclusive queues know it. */
export interface Owner {
  /** The queues that end with it. */
  readonly queues: Set<Queue>;
}

export interface QueueOptions {
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  /** The connection an exclusive queue belongs to. */
  readonly owner: Owner | undefined;
  readonly args: Table;
  readonly settings: QueueSettings;
}

/** Messages in order, and the consumers they are handed to as soon as one has room. */
export class Queue {
  readonly kind = "queue";
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly owner: Owner | undefined;
  readonly args: Table;
  readonly settings: QueueSettings;
  /** Bindings that lead here. */
  readonly incoming = new Set<Binding>();
  readonly consumers: Consumers;
  /** Row in the store, 0 while it is in none. */
  id = 0;
  deleted = false;

  readonly #host: QueueHost;
  readonly #ready: Ready;
  readonly #expiry = new Timer(() => this.pump());
  readonly #idle = new Timer(() => this.#expireIfUnused());
  #nextSequence = 1;
  #lastUse = now();

  constructor(options: QueueOptions, host: QueueHost) {
    this.name = options.name;
    this.durable = options.durable;
    this.autoDelete = options.autoDelete;
    this.owner = options.owner;
    this.args = options.args;
    this.settings = options.settings;
    this.consumers = new Consumers(options.settings.singleActiveConsumer);
    this.#host = host;
    this.#ready = new Ready(options.settings.maxPriority);
    this.touch();
  }

  /** Messages waiting for a consumer. */
  get length(): number {
    return this.#ready.length;
  }

  priorityOf(entry: Entry): number {
    return this.#ready.priorityOf(entry);
  }

  /** Takes a message in. False: the queue is full and refuses it. */
  publish(message: Message): boolean {
    if (isRefused(this.settings, this.#ready, message)) {
      if (this.settings.overflow === "reject-publish-dlx") this.#host.deadLetter(this, message, "maxlen");
      return false;
    }
    const entry = new Entry(message, this.#nextSequence++, expiryOf(this.settings, message));
    this.#host.memory.retain(message);
    if (message.traits.persistent && this.durable) this.#host.store.insert(this, entry);
    const consumer = this.#ready.length === 0 ? this.consumers.next() : undefined;
    if (consumer) {
      this.#handOver(consumer, entry);
    } else {
      this.#ready.push(entry);
      this.#tidy();
    }
    return true;
  }

  /** Puts back what the store had kept, in the order of the calls. */
  recover(entry: Entry): void {
    this.#host.memory.retain(entry.message);
    this.#nextSequence = entry.sequence + 1;
    this.#ready.push(entry);
  }

  /** Takes the first message for basic.get. */
  take(): Entry | undefined {
    this.touch();
    this.#dropExpired();
    const entry = this.#ready.shift();
    if (entry) this.#host.store.delivered(this, entry);
    this.#dropExpired();
    this.#rearm();
    return entry;
  }

  /** The entry was acknowledged, or needed no acknowledgement. */
  settle(entry: Entry): void {
    this.#host.store.remove(this, entry);
    this.#host.memory.release(entry.message);
  }

  /** The entry was refused for good. */
  reject(entry: Entry): void {
    this.#giveUp(entry, "rejected");
  }

  /** Entries come back unanswered, as they could not be handled if they `failed`, and go to their old places. */
  requeue(entries: readonly Entry[], failed = true): void {
    for (const entry of entries) {
      entry.returns++;
      if (failed) entry.failures++;
      if (this.deleted) this.settle(entry);
      else this.#putBack(entry);
    }
    this.#trim();
    this.pump();
  }

  /** Hands waiting messages over for as long as a consumer has room. */
  pump(): void {
    this.#dropExpired();
    while (this.#ready.length > 0) {
      const consumer = this.consumers.next();
      if (!consumer) break;
      this.#handOver(consumer, this.#ready.shift()!);
      this.#dropExpired();
    }
    this.#rearm();
  }

  subscribe(consumer: Consumer): void {
    this.touch();
    this.consumers.add(consumer);
    this.pump();
  }

  unsubscribe(consumer: Consumer): void {
    this.touch();
    this.consumers.remove(consumer);
    if (this.autoDelete && this.consumers.size === 0) this.#host.deleteQueue(this);
    else this.pump();
  }

  /** Drops all waiting messages and says how many they were. */
  purge(): number {
    const count = this.#ready.length;
    for (const entry of this.#ready) this.settle(entry);
    this.#ready.clear();
    this.#rearm();
    return count;
  }

  /** Ends the queue: its messages are gone, its timers stopped, its consumers told. */
  delete(): number {
    this.deleted = true;
    const count = this.purge();
    this.close();
    for (const consumer of this.consumers) consumer.cancelled();
    return count;
  }

  /** Stops the timers; the queue is not used again. */
  close(): void {
    this.#expiry.clear();
    this.#idle.clear();
  }

  /** The queue was used: an `x-expires` counts from now. */
  touch(): void {
    if (this.settings.expires === undefined || this.deleted) return;
    this.#lastUse = now();
    this.#idle.set(this.#lastUse + this.settings.expires);
  }

  #handOver(consumer: Consumer, entry: Entry): void {
    this.#host.store.delivered(this, entry);
    consumer.deliver(this, entry);
  }

  /** After a message began to wait: the limits and the times to live. */
  #tidy(): void {
    this.#trim();
    this.#dropExpired();
    this.#rearm();
  }

  #trim(): void {
    while (overflows(this.settings, this.#ready)) this.#giveUp(this.#ready.shift()!, "maxlen");
  }

  /** Messages expire at the head only, as a look at every message would make a long queue slow. */
  #dropExpired(): void {
    for (let first = this.#ready.first(); first && first.expiresAt !== 0; first = this.#ready.first()) {
      if (first.expiresAt > now()) return;
      this.#giveUp(this.#ready.shift()!, "expired");
    }
  }

  #rearm(): void {
    const expiresAt = this.#ready.first()?.expiresAt ?? 0;
    if (expiresAt !== 0 && !this.deleted) this.#expiry.set(expiresAt);
  }

  #putBack(entry: Entry): void {
    const { deliveryLimit, returnsToEnd } = this.settings;
    if (deliveryLimit !== undefined && entry.failures > deliveryLimit) this.#giveUp(entry, "delivery_limit");
    else if (returnsToEnd) this.#ready.push(entry);
    else this.#ready.restore(entry);
  }

  #giveUp(entry: Entry, reason: DeathReason): void {
    if (!this.deleted) this.#host.deadLetter(this, entry.message, reason);
    this.settle(entry);
  }

  #expireIfUnused(): void {
    const due = this.#lastUse + this.settings.expires!;
    if (this.consumers.size > 0) this.touch();
    else if (now() >= due) this.#host.deleteQueue(this);
    else this.#idle.set(due);
  }
}
