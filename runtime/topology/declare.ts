import type { Channel } from "../core/link.ts";
import { BrokerError } from "../core/link_errors.ts";
import { explainRefusal } from "./refusal.ts";
import type { FunctionPlan } from "./plan.ts";
import { wildcardRefusal } from "./wildcards.ts";

/**
 * Declares what a function needs and gives its queue's name. Nothing is ever deleted or declared by force.
 * Rejects with `TopologyRefused` if the broker will not have it, and may have closed the channel then.
 */
export async function declareTopology(channel: Channel, plan: FunctionPlan): Promise<string> {
  const refusal = wildcardRefusal(channel.broker, plan);
  if (refusal) throw refusal;
  try {
    for (const exchange of plan.exchanges) await channel.declareExchange(exchange);
    const queue = await channel.declareQueue(plan.queue);
    for (const { exchange, routingKey, arguments: headers } of plan.bindings) {
      await channel.bindQueue(queue, exchange, routingKey, headers);
    }
    return queue;
  } catch (error) {
    throw error instanceof BrokerError ? explainRefusal(error, plan) : error;
  }
}
