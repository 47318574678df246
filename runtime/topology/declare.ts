import { isPluginType } from "../core/exchanges.ts";
import type { Channel, Connection, ExchangeDeclaration } from "../core/link.ts";
import { BrokerError } from "../core/link_errors.ts";
import { onChannel } from "./on_channel.ts";
import { checkTopology } from "./passive.ts";
import { explainRefusal } from "./refusal.ts";
import type { FunctionPlan } from "./plan.ts";

/**
 * Declares what a function needs and gives its queue's name. Nothing is ever deleted or declared by force, and what is
 * others' is only checked. Rejects with `TopologyRefused` if the broker will not have it, and leaves the channel closed
 * by the broker.
 */
export async function declareTopology(
  connection: Connection,
  channel: Channel,
  plan: FunctionPlan,
): Promise<string> {
  return await explaining(plan, async () => {
    if (plan.passive) return await checkTopology(connection, channel, plan, plan.passive);
    for (const exchange of plan.exchanges) {
      if (isPluginType(exchange.type)) await declareApart(connection, exchange);
      else await channel.declareExchange(exchange);
    }
    const queue = await channel.declareQueue(plan.queue);
    await bind(channel, plan, queue);
    return queue;
  });
}

/**
 * Declares a function's exchanges and binds its queue once more, where somebody may have taken them away: what is there
 * stays as it is. Rejects as `declareTopology` does.
 */
export async function renewTopology(
  connection: Connection,
  plan: FunctionPlan,
  queue: string,
): Promise<void> {
  if (plan.passive) return;
  await renewExchanges(connection, plan);
  await explaining(plan, () => onChannel(connection, (channel) => bind(channel, plan, queue)));
}

/** Declares a function's exchanges once more. Rejects as `declareTopology` does. */
export async function renewExchanges(connection: Connection, plan: FunctionPlan): Promise<void> {
  if (plan.passive) return;
  const { plain = [], ofPlugins = [] } = Object.groupBy(
    plan.exchanges,
    ({ type }) => isPluginType(type) ? "ofPlugins" : "plain",
  );
  await explaining(plan, async () => {
    for (const exchange of ofPlugins) {
      // A connection for each that is there would be dear.
      const isThere = await onChannel(connection, (channel) => channel.hasExchange(exchange.name));
      if (!isThere) await declareApart(connection, exchange);
    }
    await onChannel(connection, async (channel) => {
      for (const exchange of plain) await channel.declareExchange(exchange);
    });
  });
}

/** Declares an exchange where nothing else is under way: a broker that does not know its type ends the connection. */
export async function declareApart(connection: Connection, exchange: ExchangeDeclaration): Promise<void> {
  await connection.apart((own) => onChannel(own, (channel) => channel.declareExchange(exchange)));
}

async function explaining<T>(plan: FunctionPlan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof BrokerError ? explainRefusal(error, plan) : error;
  }
}

async function bind(channel: Channel, { bindings }: FunctionPlan, queue: string): Promise<void> {
  for (const { exchange, routingKey, arguments: headers } of bindings) {
    await channel.bindQueue(queue, exchange, routingKey, headers);
  }
}
