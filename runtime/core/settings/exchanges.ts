import type { Declared } from "../declared.ts";
import type { ExchangeDeclaration } from "../ports/amqp.ts";

/** The exchange that a function's trigger is bound to, as it is declared; nothing for a queue's or an rpc's. */
export function triggerExchange({ trigger, settings }: Declared): ExchangeDeclaration | undefined {
  if (trigger.kind === "queue" || trigger.kind === "rpc") return undefined;
  const { type = trigger.kind, durable = settings.durable, autoDelete = false, internal = false, ...rest } =
    settings.exchange ?? {};
  return { name: trigger.exchange, type, durable, autoDelete, internal, arguments: rest.arguments ?? {} };
}

/** The exchanges that a function says it publishes to, as they are declared. */
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

/** How an exchange is declared, as `topic, durable: false, arguments: {"x":1}`: only what is not the default. */
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

// Arguments have no order.
function sortedJson(args: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(args).toSorted(([a], [b]) => a < b ? -1 : 1)));
}
