import { AmqpError } from "../errors.ts";
import { type Binding, Exchange } from "../exchange/exchange.ts";
import { routable } from "../exchange/routable.ts";
import { defaultRouter, route } from "../exchange/route.ts";
import type { Limits } from "../limits.ts";
import type { Memory } from "../memory.ts";
import type { Profile } from "../profile.ts";
import { bury, goesRound } from "../queue/dead_letter.ts";
import type { Message } from "../queue/message.ts";
import type { DeathReason, Owner, Queue, QueueHost } from "../queue/queue.ts";
import type { Restorable, Store } from "../store/store.ts";
import { BindingTable } from "./binding_table.ts";
import { RouteCache } from "./route_cache.ts";

/** A consumer of direct replies, found by the address in a request's reply_to. */
export interface ReplyConsumer {
  reply(message: Message): void;
}

/** The exchanges, queues and bindings of the one virtual host, `/`. */
export class VirtualHost implements QueueHost, Restorable {
  readonly routes: RouteCache;
  readonly #exchanges = new Map<string, Exchange>();
  readonly #queues = new Map<string, Queue>();
  readonly #exclusive = new Map<Owner, Set<Queue>>();
  readonly #bindings = new BindingTable();
  readonly #replies = new Map<string, ReplyConsumer>();
  /** Dead letters that are to be published, in order. */
  #dying: (() => void)[] = [];
  #burying = false;

  constructor(
    readonly store: Store,
    readonly memory: Memory,
    readonly limits: Limits,
    readonly profile: Profile,
  ) {
    this.routes = new RouteCache(this.#exchanges);
    for (const exchange of predeclared(this.#queues)) this.#exchanges.set(exchange.name, exchange);
  }

  get exchanges(): ReadonlyMap<string, Exchange> {
    return this.#exchanges;
  }

  get queues(): ReadonlyMap<string, Queue> {
    return this.#queues;
  }

  /** Who consumes direct replies, by its address. */
  get replies(): ReadonlyMap<string, ReplyConsumer> {
    return this.#replies;
  }

  addExchange(exchange: Exchange): void {
    this.#assertRoom("exchanges", this.#exchanges.size, this.limits.names);
    if (exchange.durable) this.store.saveExchange(exchange);
    this.restoreExchange(exchange);
  }

  /** Adds an exchange that is in the store already, or need not be. */
  restoreExchange(exchange: Exchange): void {
    this.#exchanges.set(exchange.name, exchange);
    this.routes.clear();
  }

  deleteExchange(exchange: Exchange): void {
    if (this.#exchanges.get(exchange.name) !== exchange) return;
    this.#exchanges.delete(exchange.name);
    if (exchange.durable) this.store.deleteExchange(exchange);
    for (const binding of this.#bindings.fromOrTo(exchange)) this.removeBinding(binding);
    this.routes.clear();
  }

  addQueue(queue: Queue): void {
    this.#assertRoom("queues", this.#queues.size, this.limits.names);
    if (queue.durable) this.store.saveQueue(queue);
    this.restoreQueue(queue);
  }

  /** Adds a queue that is in the store already, or need not be. */
  restoreQueue(queue: Queue): void {
    const { name, owner } = queue;
    this.#queues.set(name, queue);
    if (owner) this.#exclusive.set(owner, (this.#exclusive.get(owner) ?? new Set()).add(queue));
    this.routes.clear();
  }

  /** Deletes the queue with its bindings and returns how many messages waited in it. */
  deleteQueue(queue: Queue): number {
    const { name, owner } = queue;
    if (this.#queues.get(name) !== queue) return 0;
    this.#queues.delete(name);
    if (owner) this.#exclusive.get(owner)?.delete(queue);
    if (queue.durable) this.store.deleteQueue(queue);
    for (const binding of this.#bindings.to(queue)) this.removeBinding(binding);
    this.routes.clear();
    return queue.delete();
  }

  /** Deletes the exclusive queues of a connection that ends. */
  deleteQueuesOf(owner: Owner): void {
    for (const queue of this.#exclusive.get(owner) ?? []) this.deleteQueue(queue);
    this.#exclusive.delete(owner);
  }

  addBinding(binding: Binding): void {
    const { source, destination } = binding;
    if (source.bindings.has(binding.identity)) return;
    this.#assertRoom("bindings", source.bindings.size, this.limits.bindings);
    this.#assertRoom("bindings", this.#bindings.countTo(destination), this.limits.bindings);
    if (isStored(binding)) this.store.saveBinding(binding);
    this.restoreBinding(binding);
  }

  /** Adds a binding that is in the store already, or need not be. */
  restoreBinding(binding: Binding): void {
    this.#bindings.add(binding);
    this.routes.clear();
  }

  removeBinding(binding: Binding): void {
    if (!this.#bindings.remove(binding)) return;
    if (isStored(binding)) this.store.deleteBinding(binding);
    this.routes.clear();
    const { source } = binding;
    if (source.autoDelete && source.bindings.size === 0) this.deleteExchange(source);
  }

  /** Direct replies to this address go to `consumer` from now on. */
  openReplies(address: string, consumer: ReplyConsumer): void {
    this.#replies.set(address, consumer);
  }

  closeReplies(address: string): void {
    this.#replies.delete(address);
  }

  deadLetter(queue: Queue, message: Message, reason: DeathReason): void {
    const { deadLetterExchange } = queue.settings;
    const exchange = deadLetterExchange === undefined ? undefined : this.#exchanges.get(deadLetterExchange);
    if (!exchange) return;
    const data = message.data ?? this.store.load(message);
    const { message: dead, deaths } = bury(
      queue,
      message,
      data,
      message.data ? message.start : 0,
      reason,
      Date.now(),
      this.profile.believesDeaths,
    );
    const queues = route(exchange, routable(dead), this.#exchanges)
      .filter((target) => reason === "rejected" || !goesRound(target.name, deaths));
    this.#dying.push(() => this.publish(dead, queues));
    this.#buryAll();
  }

  /**
   * Puts a message into its queues; false when one of them refused it. What it pushes out of a full queue is
   * dead-lettered only when the message is in all of them.
   */
  publish(message: Message, queues: readonly Queue[]): boolean {
    const isInner = this.#burying;
    this.#burying = true;
    let accepted = true;
    for (const queue of queues) if (!queue.publish(message)) accepted = false;
    this.#burying = isInner;
    if (this.#dying.length > 0) this.#buryAll();
    return accepted;
  }

  /** One dead letter may push another out of the next queue: a loop, as such a chain can be deeper than the stack. */
  #buryAll(): void {
    if (this.#burying) return;
    this.#burying = true;
    try {
      for (let next = this.#dying.shift(); next; next = this.#dying.shift()) next();
    } finally {
      this.#burying = false;
    }
  }

  #assertRoom(what: string, count: number, limit: number): void {
    if (count < limit) return;
    throw new AmqpError("resource_error", `number of ${what} has reached the limit (${limit})`);
  }

  /** Stops the timers of all queues. */
  close(): void {
    for (const queue of this.#queues.values()) queue.close();
  }
}

/** A binding outlives the process when both its ends do. */
function isStored({ source, destination }: Binding): boolean {
  return source.durable && destination.durable;
}

function predeclared(queues: ReadonlyMap<string, Queue>): Exchange[] {
  const none = new Map();
  return [
    new Exchange("", "direct", true, false, false, none, defaultRouter(queues)),
    new Exchange("amq.direct", "direct", true, false, false, none),
    new Exchange("amq.fanout", "fanout", true, false, false, none),
    new Exchange("amq.topic", "topic", true, false, false, none),
    new Exchange("amq.headers", "headers", true, false, false, none),
    new Exchange("amq.match", "headers", true, false, false, none),
    new Exchange("amq.rabbitmq.trace", "topic", true, false, true, none),
  ];
}
