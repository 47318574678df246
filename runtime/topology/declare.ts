import { isPluginType } from "../core/settings/exchange_types.ts";
import type { Channel, Connection, ExchangeDeclaration, QueueDeclaration } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { onChannel } from "./on_channel.ts";
import { checkTopology } from "./passive.ts";
import { explainRefusal } from "./refusal.ts";
import type { Binding, FunctionPlan, StreamPlan } from "./plan.ts";
import { wildcardRefusal } from "./wildcards.ts";

/**
 * Declares what a function needs, and returns its queue's name. Nothing is deleted or replaced, and what others own is
 * only checked. Rejects with `TopologyRefused` if the broker refuses; then the channel may be closed.
 */
export async function declareTopology(
  connection: Connection,
  channel: Channel,
  plan: FunctionPlan,
): Promise<string> {
  const refusal = wildcardRefusal(channel.broker, plan);
  if (refusal) throw refusal;
  try {
    if (plan.passive) return await checkTopology(connection, plan, plan.passive);
    for (const exchange of plan.exchanges) {
      if (isPluginType(exchange.type)) await declareApart(connection, exchange);
      else await channel.declareExchange(exchange);
    }
    for (const queue of queuesOf(plan.stream)) await channel.declareQueue(queue);
    const queue = await channel.declareQueue(plan.queue);
    const { layout, shards } = plan.helpers;
    if (layout) { for (const helper of [layout, ...shards]) await channel.declareQueue(helper); }
    await bind(channel, plan.bindings, queue);
    return queue;
  } catch (error) {
    throw error instanceof BrokerError ? explainRefusal(error, plan) : error;
  }
}

/** The queues of a function that reads a stream, besides its own. */
export function queuesOf(stream: StreamPlan | undefined): QueueDeclaration[] {
  return stream === undefined ? [] : [stream.log, stream.place, stream.seat];
}

/** Declares an exchange on a separate connection: a broker that does not know its type ends the connection. */
export async function declareApart(connection: Connection, exchange: ExchangeDeclaration): Promise<void> {
  await connection.apart((own) => onChannel(own, (channel) => channel.declareExchange(exchange)));
}

/** Makes bindings of a function's queue. */
export async function bind(channel: Channel, bindings: readonly Binding[], queue: string): Promise<void> {
  for (const { exchange, routingKey, arguments: headers } of bindings) {
    await channel.bindQueue(queue, exchange, routingKey, headers);
  }
}
