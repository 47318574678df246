import { AmqpError } from "../errors.ts";
import { type Binding, Exchange } from "../exchange/exchange.ts";
import { defaultRouter, route } from "../exchange/route.ts";
import type { Limits } from "../limits.ts";
import type { Memory } from "../memory.ts";
import type { Profile } from "../profile.ts";
import { bury, goesRound } from "../queue/dead_letter.ts";
import { type Message, routable } from "../queue/message.ts";
import type { DeathReason, Queue, QueueHost } from "../queue/queue.ts";
import type { Store } from "../store/store.ts";
import { RouteCache } from "./route_cache.ts";

/** A consumer of direct replies, found by the token in a request's reply_to. */
export interface ReplyConsumer {
  reply(message: Message): void;
}

/** The exchanges, queues and bindings of the one virtual host, `/`. */
export class VirtualHost implements QueueHost {
  readonly exchanges = new Map<string, Exchange>();
  readonly queues = new Map<string, Queue>();
  readonly replies = new Map<string, ReplyConsumer>();
  readonly routes: RouteCache;
  #dying: (() => void)[] = [];
  #burying = false;

  constructor(
    readonly store: Store,
    readonly memory: Memory,
    readonly limits: Limits,
    readonly profile: Profile,
  ) {
    this.routes = new RouteCache(this.exchanges);
    for (const exchange of predeclared(this.queues)) this.exchanges.set(exchange.name, exchange);
  }

  addExchange(exchange: Exchange): void {
    this.#room("exchanges", this.exchanges.size, this.limits.names);
    if (exchange.durable) this.store.saveExchange(exchange);
    this.exchanges.set(exchange.name, exchange);
    this.routes.clear();
  }

  deleteExchange(exchange: Exchange): void {
    if (this.exchanges.get(exchange.name) !== exchange) return;
    this.exchanges.delete(exchange.name);
    if (exchange.durable) this.store.deleteExchange(exchange);
    for (const binding of [...exchange.bindings.values(), ...exchange.incoming]) this.removeBinding(binding);
    this.routes.clear();
  }

  addQueue(queue: Queue): void {
    this.#room("queues", this.queues.size, this.limits.names);
    if (queue.durable) this.store.saveQueue(queue);
    this.queues.set(queue.name, queue);
    queue.owner?.queues.add(queue);
    this.routes.clear();
  }

  /** Deletes the queue with its bindings and says how many messages waited in it. */
  deleteQueue(queue: Queue): number {
    if (this.queues.get(queue.name) !== queue) return 0;
    this.queues.delete(queue.name);
    queue.owner?.queues.delete(queue);
    if (queue.durable) this.store.deleteQueue(queue);
    for (const binding of queue.incoming) this.removeBinding(binding);
    this.routes.clear();
    return queue.delete();
  }

  addBinding(binding: Binding): void {
    const { source, destination } = binding;
    if (source.bindings.has(binding.identity)) return;
    this.#room("bindings", source.bindings.size, this.limits.bindings);
    this.#room("bindings", destination.incoming.size, this.limits.bindings);
    if (isStored(binding)) this.store.saveBinding(binding);
    this.attach(binding);
  }

  /** Adds a binding that is in the store already, or need not be. */
  attach(binding: Binding): void {
    const { source, destination } = binding;
    source.bindings.set(binding.identity, binding);
    source.router.add(binding);
    destination.incoming.add(binding);
    this.routes.clear();
  }

  removeBinding(binding: Binding): void {
    const { source, destination } = binding;
    if (!source.bindings.delete(binding.identity)) return;
    if (isStored(binding)) this.store.deleteBinding(binding);
    source.router.remove(binding);
    destination.incoming.delete(binding);
    this.routes.clear();
    if (source.autoDelete && source.bindings.size === 0) this.deleteExchange(source);
  }

  deadLetter(queue: Queue, message: Message, reason: DeathReason): void {
    const { deadLetterExchange } = queue.settings;
    const exchange = deadLetterExchange === undefined ? undefined : this.exchanges.get(deadLetterExchange);
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
    const queues = route(exchange, routable(dead), this.exchanges)
      .filter((target) => reason === "rejected" || !goesRound(target.name, deaths));
    this.#dying.push(() => this.publish(dead, queues));
    this.#buryAll();
  }

  /**
   * Puts a message into its queues; false when one of them refused it. What it pushes out of one queue dies only
   * after it is in all of them.
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

  /** One death may cause the next in another queue: a loop, as a chain of queues can be longer than the stack. */
  #buryAll(): void {
    if (this.#burying) return;
    this.#burying = true;
    try {
      for (let next = this.#dying.shift(); next; next = this.#dying.shift()) next();
    } finally {
      this.#burying = false;
    }
  }

  #room(what: string, count: number, limit: number): void {
    if (count >= limit) {
      throw new AmqpError("resource_error", `number of ${what} has reached the limit (${limit})`);
    }
  }

  close(): void {
    for (const queue of this.queues.values()) queue.close();
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
