import type { Declared } from "../core/declared.ts";
import { exchangesOf } from "../core/settings/exchanges.ts";
import { queueName, scheduleName } from "../core/settings/queue_name.ts";
import type { ExchangeDeclaration, HelperQueue, QueueDeclaration } from "../core/ports/amqp.ts";
import { foreseenHelpers, type HelperPlan, helpersOf, singleActive, ticksArguments } from "./helpers.ts";
import { type ExchangeSource, type HeaderMatch, type HeaderValue, sourcesOf } from "../core/api/trigger.ts";

/** One binding of a function's queue. */
export interface Binding {
  readonly exchange: string;
  readonly routingKey: string;
  readonly arguments: Readonly<Record<string, HeaderValue>>;
}

/** What one function needs at the broker, in the order in which it is declared. */
export interface FunctionPlan {
  readonly function: string;
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queue: QueueDeclaration;
  readonly bindings: readonly Binding[];
  /** The queues for its failed messages. Each is declared when the first message needs it. */
  readonly helpers: HelperPlan;
  /** The stream that it reads, if it does; `queue` is then for what comes back to it. */
  readonly stream?: StreamPlan;
  /** If others own everything: the helper queues that must exist, besides queue and exchanges. Nothing is declared. */
  readonly passive?: readonly HelperQueue[];
}

/** What a function that reads a stream needs besides its queue. */
export interface StreamPlan {
  readonly log: QueueDeclaration;
  /** Has one message: the place where the function goes on. */
  readonly place: HelperQueue;
  /** Has no messages: whoever consumes it is the one replica that reads. */
  readonly seat: HelperQueue;
  /** Where to begin if there is no place yet. */
  readonly from: string | number;
  /** The values of the messages that are wanted, if not all are. */
  readonly filter?: readonly string[];
}

/** The exchanges, queue and bindings of a function, with exactly the flags of its settings. */
export function planFunction(declared: Declared): FunctionPlan {
  const queue = ownQueue(declared);
  const helpers = helpersOf(declared, queue.name);
  return {
    function: declared.name,
    exchanges: exchangesOf(declared),
    queue,
    bindings: declared.trigger.kind === "schedule"
      ? [{ exchange: scheduleName(declared), routingKey: "", arguments: {} }]
      : unique(sourcesOf(declared.trigger).flatMap(bindingsOf)),
    helpers,
    ...declared.settings.queueType === "stream" ? { stream: streamOf(declared, queue.name) } : {},
    ...declared.settings.declare === "passive"
      ? { passive: foreseenHelpers(declared, helpers, queue.name) }
      : {},
  };
}

function ownQueue(declared: Declared): QueueDeclaration {
  const { exclusive, durable, queueType, maxPriority, arguments: said, sharding } = declared.settings;
  const own = declared.trigger.kind === "schedule"
    ? { ...ticksArguments(queueType), ...said }
    // One runtime at a time spreads the messages, so that they keep their order.
    : sharding?.inOrder
    ? { ...said, [singleActive]: true }
    : said;
  const name = queueName(declared);
  const args = queueType === "stream" ? {} : own;
  return {
    name,
    // An exclusive queue is deleted with its connection, so it cannot survive the broker.
    durable: durable && !exclusive,
    exclusive,
    autoDelete: false,
    arguments: {
      ...args,
      ...queueType === "quorum" ? { "x-queue-type": "quorum" } : {},
      ...maxPriority === undefined ? {} : { "x-max-priority": maxPriority },
    },
  };
}

/** The stream of a function, and the queues with which its replicas agree on who reads it and from where. */
function streamOf({ trigger, settings }: Declared, own: string): StreamPlan {
  const lasting = { durable: true, exclusive: false, autoDelete: false };
  const stream = trigger.kind === "queue" ? trigger.queue : own;
  return {
    log: { ...lasting, name: stream, arguments: { ...settings.arguments, "x-queue-type": "stream" } },
    place: { ...lasting, name: `${own}.offset`, arguments: { "x-max-length": 1, "x-overflow": "drop-head" } },
    seat: { ...lasting, name: `${own}.reader`, arguments: {} },
    from: settings.from ?? "next",
    filter: settings.filter,
  };
}

function bindingsOf(source: ExchangeSource): Binding[] {
  const { exchange } = source;
  switch (source.kind) {
    case "fanout":
      return [{ exchange, routingKey: "", arguments: {} }];
    case "direct":
      return source.keys.map((routingKey) => ({ exchange, routingKey, arguments: {} }));
    case "topic":
      return source.patterns.map((routingKey) => ({ exchange, routingKey, arguments: {} }));
    case "headers":
      return [{ exchange, routingKey: "", arguments: headerArguments(source.match) }];
  }
}

function headerArguments(match: HeaderMatch): Record<string, HeaderValue> {
  return "all" in match ? { ...match.all, "x-match": "all" } : { ...match.any, "x-match": "any" };
}

function unique(bindings: readonly Binding[]): Binding[] {
  return [...new Map(bindings.map((binding) => [identityOf(binding), binding])).values()];
}

/** Equal text for equal bindings. The arguments of a binding have no order. */
export function identityOf({ exchange, routingKey, arguments: headers }: Binding): string {
  const sorted = Object.entries(headers).toSorted(([a], [b]) => a < b ? -1 : 1);
  return JSON.stringify([exchange, routingKey, sorted]);
}
