import type { Declared } from "../declared.ts";
import type { ExchangeDeclaration } from "../ports/amqp.ts";
import { sourcesOf } from "../api/trigger.ts";
import { scheduleName } from "./queue_name.ts";

/** The exchanges of a function's trigger, each once, as they are declared; none for a queue or rpc trigger. */
export function triggerExchanges(declared: Declared): ExchangeDeclaration[] {
  const { trigger, settings } = declared;
  if (trigger.kind === "schedule") return [scheduleExchange(declared)];
  const names = new Set(sourcesOf(trigger).map(({ exchange }) => exchange));
  return [...names].map((name) => {
    const { type = trigger.kind, durable = settings.durable, autoDelete = false, internal = false, ...rest } =
      {
        ...settings.exchange,
        ...settings.exchanges?.[name],
      };
    return { name, type, durable, autoDelete, internal, arguments: rest.arguments ?? {} };
  });
}

function scheduleExchange(declared: Declared): ExchangeDeclaration {
  const flags = { durable: true, autoDelete: false, internal: false, arguments: {} };
  return { name: scheduleName(declared), type: "fanout", ...flags };
}

/** The exchanges in a function's `emits`, as they are declared. */
export function emittedExchanges({ settings: { emits = {} } }: Declared): ExchangeDeclaration[] {
  return Object.entries(emits).map(([name, emitted]) => {
    const { type, durable = true, autoDelete = false, ...rest } = typeof emitted === "string"
      ? { type: emitted }
      : emitted;
    return { name, type, durable, autoDelete, internal: false, arguments: rest.arguments ?? {} };
  });
}

/** Every exchange that a function needs, each once. */
export function exchangesOf(declared: Declared): ExchangeDeclaration[] {
  const own = triggerExchanges(declared);
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...emittedExchanges(declared).filter(({ name }) => !names.has(name))];
}

/** An exchange as text, without defaults: `topic, durable: false, arguments: {"x":1}`. */
export function describeExchange(
  { type, durable, autoDelete, internal, arguments: args }: ExchangeDeclaration,
): string {
  return [
    type,
    ...durable ? [] : ["durable: false"],
    ...autoDelete ? ["autoDelete: true"] : [],
    ...internal ? ["internal: true"] : [],
    ...Object.keys(args).length === 0 ? [] : [`arguments: ${sortedJson(args)}`],
  ].join(", ");
}

// Sorted, so that equal arguments give equal text.
function sortedJson(args: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(args).toSorted(([a], [b]) => a < b ? -1 : 1)));
}
