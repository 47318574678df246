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
  /** If others own everything: the helper queues that must exist, besides queue and exchanges. Nothing is declared. */
  readonly passive?: readonly HelperQueue[];
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
    ...declared.settings.declare === "passive"
      ? { passive: foreseenHelpers(declared, helpers, queue.name) }
      : {},
  };
}

function ownQueue(declared: Declared): QueueDeclaration {
  const { exclusive, durable, queueType, maxPriority, arguments: said, sharding } = declared.settings;
  const args = declared.trigger.kind === "schedule"
    ? { ...ticksArguments(queueType), ...said }
    // One runtime at a time spreads the messages, so that they keep their order.
    : sharding?.inOrder
    ? { ...said, [singleActive]: true }
    : said;
  const name = queueName(declared);
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
