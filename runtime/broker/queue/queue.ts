import type { Table } from "../../amqp/table.ts";
import type { Memory } from "../memory.ts";
import type { QueueSettings } from "./arguments.ts";
import { expiryOf, isRefused, overflows } from "./bounds.ts";
import { now } from "./clock.ts";
import { type Consumer, Consumers } from "./consumers.ts";
import { Lease } from "./lease.ts";
import { Entry, type Message } from "./message.ts";
import { Ready } from "./ready.ts";
import { Timer } from "./timer.ts";

export type DeathReason = "expired" | "rejected" | "maxlen" | "delivery_limit";

/** Keeps the persistent messages of durable queues; it ignores what it does not have. */
export interface EntryStore {
  insert(queue: Queue, entry: Entry): void;
  remove(queue: Queue, entry: Entry): void;
  /** The entry was handed to a consumer: should it come back after a crash, it is redelivered. */
  delivered(queue: Queue, entry: Entry): void;
}

/** What a queue needs of the broker around it. */
export interface QueueHost {
  readonly memory: Memory;
  readonly store: EntryStore;
  /** Publishes a message that the queue gives up to its dead letter exchange. */
  deadLetter(queue: Queue, message: Message, reason: DeathReason): void;
  /** The queue expired, or its last consumer has left. */
  deleteQueue(queue: Queue): void;
}

/** The connection that an exclusive queue belongs to; a queue only compares it. */
export type Owner = object;

export interface QueueOptions {
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  /** Undefined for a queue that is not exclusive. */
  readonly owner: Owner | undefined;
  readonly args: Table;
  readonly settings: QueueSettings;
}

const maxExpiredATurn = 1_000;

/** Messages in order, and the consumers that get them as soon as they have room. */
export class Queue {
  readonly kind = "queue";
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly owner: Owner | undefined;
  readonly args: Table;
  readonly settings: QueueSettings;
  readonly consumers: Consumers;

  readonly #host: QueueHost;
  readonly #ready: Ready;
  readonly #expiry = new Timer(() => this.pump());
  readonly #lease: Lease;
  #nextSequence = 1;
  #isDeleted = false;

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
    this.#lease = new Lease(
      options.settings.expires,
      () => this.consumers.size > 0,
      () => host.deleteQueue(this),
    );
  }

  get deleted(): boolean {
    return this.#isDeleted;
  }

  /** Messages that wait for a consumer. */
  get length(): number {
    return this.#ready.length;
  }

  priorityOf(entry: Entry): number {
    return this.#ready.priorityOf(entry);
  }

  /** Takes a message. False: the queue is full and refuses it. */
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

  /** Adds an entry that the store kept; the calls come in the order of the sequence numbers. */
  recover(entry: Entry): void {
    this.#host.memory.retain(entry.message);
    this.#nextSequence = entry.sequence + 1;
    this.#ready.push(entry);
  }

  /** Takes the first message for basic.get. */
  take(): Entry | undefined {
    this.#lease.renew();
    // Those that are left over are dropped in the next turns.
    const entry = this.#dropExpired() ? this.#ready.shift() : undefined;
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

  /** The entry was rejected and does not come back. */
  reject(entry: Entry): void {
    this.#giveUp(entry, "rejected");
  }

  /**
   * Entries come back unanswered and go to their old places.
   *
   * @param failed whether this counts as a failed delivery, which a delivery limit looks at
   */
  requeue(entries: readonly Entry[], failed = true): void {
    for (const entry of entries) {
      entry.returned(failed);
      if (this.#isDeleted) this.settle(entry);
      else this.#putBack(entry);
    }
    this.#trim();
    this.pump();
  }

  /** Hands out waiting messages for as long as a consumer has room. */
  pump(): void {
    while (this.#dropExpired() && this.#ready.length > 0) {
      const consumer = this.consumers.next();
      if (!consumer) break;
      this.#handOver(consumer, this.#ready.shift()!);
    }
    this.#rearm();
  }

  subscribe(consumer: Consumer): void {
    this.#lease.renew();
    this.consumers.add(consumer);
    this.pump();
  }

  unsubscribe(consumer: Consumer): void {
    this.#lease.renew();
    this.consumers.remove(consumer);
    if (this.autoDelete && this.consumers.size === 0) this.#host.deleteQueue(this);
    else this.pump();
  }

  /** Drops all waiting messages and returns how many there were. */
  purge(): number {
    const count = this.#ready.length;
    for (const entry of this.#ready) this.settle(entry);
    this.#ready.clear();
    this.#rearm();
    return count;
  }

  /** Drops all messages, stops the timers, tells the consumers, and returns how many messages waited. */
  delete(): number {
    this.#isDeleted = true;
    const count = this.purge();
    this.close();
    for (const consumer of this.consumers) consumer.cancelled();
    return count;
  }

  /** Stops the timers; the queue is not used again. */
  close(): void {
    this.#expiry.clear();
    this.#lease.close();
  }

  /** Somebody declared the queue once more: its `x-expires` counts from now. */
  redeclared(): void {
    this.#lease.renew();
  }

  #handOver(consumer: Consumer, entry: Entry): void {
    this.#host.store.delivered(this, entry);
    consumer.deliver(entry);
  }

  /** Keeps the limits and the times to live after a message began to wait. */
  #tidy(): void {
    this.#trim();
    this.#dropExpired();
    this.#rearm();
  }

  #trim(): void {
    while (overflows(this.settings, this.#ready)) this.#giveUp(this.#ready.shift()!, "maxlen");
  }

  /**
   * Only the first message can expire: to look at every message would make a long queue slow. False: so many have that
   * the rest is left to the next turn, as the broker would answer nobody meanwhile.
   */
  #dropExpired(): boolean {
    for (let count = 0; count < maxExpiredATurn; count++) {
      const first = this.#ready.first();
      if (!first || first.expiresAt === 0 || first.expiresAt > now()) return true;
      this.#giveUp(this.#ready.shift()!, "expired");
    }
    return false;
  }

  #rearm(): void {
    const expiresAt = this.#ready.first()?.expiresAt ?? 0;
    if (expiresAt !== 0 && !this.#isDeleted) this.#expiry.set(expiresAt);
  }

  #putBack(entry: Entry): void {
    const { deliveryLimit, returnsToEnd } = this.settings;
    if (deliveryLimit !== undefined && entry.failures > deliveryLimit) this.#giveUp(entry, "delivery_limit");
    else if (returnsToEnd) this.#ready.push(entry);
    else this.#ready.restore(entry);
  }

  #giveUp(entry: Entry, reason: DeathReason): void {
    if (!this.#isDeleted) this.#host.deadLetter(this, entry.message, reason);
    this.settle(entry);
  }
}
