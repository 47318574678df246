import type { Declared } from "../core/declared.ts";
import { exchangesOf } from "../core/settings/exchanges.ts";
import { queueName } from "../core/settings/queue_name.ts";
import type { ExchangeDeclaration, HelperQueue, QueueDeclaration } from "../core/ports/amqp.ts";
import { foreseenHelpers, type HelperPlan, helpersOf } from "./helpers.ts";
import type { HeaderMatch, HeaderValue, Trigger } from "../core/api/trigger.ts";

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
    bindings: bindingsOf(declared.trigger),
    helpers,
    ...declared.settings.declare === "passive"
      ? { passive: foreseenHelpers(declared, helpers, queue.name) }
      : {},
  };
}

function ownQueue(declared: Declared): QueueDeclaration {
  const { exclusive, durable, queueType, arguments: args } = declared.settings;
  const name = queueName(declared);
  return {
    name,
    // An exclusive queue is deleted with its connection, so it cannot survive the broker.
    durable: durable && !exclusive,
    exclusive,
    autoDelete: false,
    arguments: queueType === "quorum" ? { ...args, "x-queue-type": "quorum" } : args,
  };
}

function bindingsOf(trigger: Trigger): Binding[] {
  switch (trigger.kind) {
    case "queue":
    case "rpc":
      return [];
    case "fanout":
      return [{ exchange: trigger.exchange, routingKey: "", arguments: {} }];
    case "direct":
      return unique(trigger.keys).map((key) => ({
        exchange: trigger.exchange,
        routingKey: key,
        arguments: {},
      }));
    case "topic":
      return unique(trigger.patterns).map((pattern) => ({
        exchange: trigger.exchange,
        routingKey: pattern,
        arguments: {},
      }));
    case "headers":
      return [{ exchange: trigger.exchange, routingKey: "", arguments: headerArguments(trigger.match) }];
  }
}

function headerArguments(match: HeaderMatch): Record<string, HeaderValue> {
  return "all" in match ? { ...match.all, "x-match": "all" } : { ...match.any, "x-match": "any" };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
