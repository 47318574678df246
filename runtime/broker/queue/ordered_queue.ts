import type { Table } from "../../amqp/table.ts";
import type { QueueSettings } from "./arguments.ts";
import { expiryOf, isRefused, overflows } from "./bounds.ts";
import { now } from "./clock.ts";
import { type Consumer, Consumers } from "./consumers.ts";
import { Lease } from "./lease.ts";
import { Entry, type Message } from "./message.ts";
import type { DeathReason, Owner, Queue, QueueHost, QueueOptions } from "./queue.ts";
import { Ready } from "./ready.ts";
import { Timer } from "./timer.ts";

const maxExpiredATurn = 1_000;

/** A classic or quorum queue: a message leaves it when it is settled. */
export class OrderedQueue implements Queue {
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

  get length(): number {
    return this.#ready.length;
  }

  priorityOf(entry: Entry): number {
    return this.#ready.priorityOf(entry);
  }

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

  recover(entry: Entry): void {
    this.#host.memory.retain(entry.message);
    this.#nextSequence = entry.sequence + 1;
    this.#ready.push(entry);
  }

  take(): Entry | undefined {
    this.#lease.renew();
    // Those that are left over are dropped in the next turns.
    const entry = this.#dropExpired() ? this.#ready.shift() : undefined;
    if (entry) this.#host.store.delivered(this, entry);
    this.#dropExpired();
    this.#rearm();
    return entry;
  }

  settle(entry: Entry): void {
    this.#host.store.remove(this, entry);
    this.#host.memory.release(entry.message);
  }

  reject(entry: Entry): void {
    this.#giveUp(entry, "rejected");
  }

  requeue(entries: readonly Entry[], failed = true): void {
    for (const entry of entries) {
      entry.returned(failed);
      if (this.#isDeleted) this.settle(entry);
      else this.#putBack(entry);
    }
    this.#trim();
    this.pump();
  }

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

  resume(consumer: Consumer): void {
    if (!this.#isDeleted && this.consumers.resume(consumer)) this.pump();
  }

  unsubscribe(consumer: Consumer): void {
    this.#lease.renew();
    this.consumers.remove(consumer);
    if (this.autoDelete && this.consumers.size === 0) this.#host.deleteQueue(this);
    else this.pump();
  }

  purge(): number {
    const count = this.#ready.length;
    for (const entry of this.#ready) this.settle(entry);
    this.#ready.clear();
    this.#rearm();
    return count;
  }

  delete(): number {
    this.#isDeleted = true;
    const count = this.purge();
    this.close();
    for (const consumer of this.consumers) consumer.cancelled();
    return count;
  }

  close(): void {
    this.#expiry.clear();
    this.#lease.close();
  }

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
