import type { Declared } from "../declared.ts";
import type { ExchangeDeclaration } from "../ports/amqp.ts";

/** The exchange of a function's trigger, as it is declared; `undefined` for a queue or rpc trigger. */
export function triggerExchange({ trigger, settings }: Declared): ExchangeDeclaration | undefined {
  if (trigger.kind === "queue" || trigger.kind === "rpc") return undefined;
  const { type = trigger.kind, durable = settings.durable, autoDelete = false, internal = false, ...rest } =
    settings.exchange ?? {};
  return { name: trigger.exchange, type, durable, autoDelete, internal, arguments: rest.arguments ?? {} };
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
  const own = triggerExchange(declared);
  const emitted = emittedExchanges(declared).filter(({ name }) => name !== own?.name);
  return own === undefined ? emitted : [own, ...emitted];
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
