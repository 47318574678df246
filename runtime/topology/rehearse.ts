import { isPluginType } from "../core/settings/exchange_types.ts";
import type { Connection, QueueDeclaration } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { declareApart, queuesOf } from "./declare.ts";
import { onChannel } from "./on_channel.ts";
import { checkTopology } from "./passive.ts";
import type { FunctionPlan } from "./plan.ts";
import { explainRefusal, TopologyRefused } from "./refusal.ts";
import { wildcardRefusal } from "./wildcards.ts";

/**
 * Finds out why the broker would refuse a function, without creating anything: only exchanges and queues that exist
 * already are declared. What others own must exist. Rejects if the connection is lost.
 */
export async function rehearse(
  connection: Connection,
  plan: FunctionPlan,
): Promise<TopologyRefused | undefined> {
  const { exchanges, queue, passive } = plan;
  try {
    const refusal = await onChannel(connection, ({ broker }) => wildcardRefusal(broker, plan));
    if (refusal) return refusal;
    if (passive) {
      await checkTopology(connection, plan, passive);
      return undefined;
    }
    for (const exchange of exchanges) {
      if (!await onChannel(connection, (channel) => channel.hasExchange(exchange.name))) continue;
      if (isPluginType(exchange.type)) await declareApart(connection, exchange);
      else await onChannel(connection, (channel) => channel.declareExchange(exchange));
    }
    for (const one of [...queuesOf(plan.stream), queue]) {
      if (await canBeDeclared(connection, one)) {
        await onChannel(connection, (channel) => channel.declareQueue(one));
      }
    }
  } catch (error) {
    if (error instanceof TopologyRefused) return error;
    if (error instanceof BrokerError) return explainRefusal(error, plan);
    throw error;
  }
}

async function canBeDeclared(
  connection: Connection,
  { name, exclusive }: QueueDeclaration,
): Promise<boolean> {
  if (name === "") return false; // the broker chooses a new name each time
  try {
    return await onChannel(connection, (channel) => channel.hasQueue(name));
  } catch (error) {
    // It belongs to another connection, perhaps of the very function that is to be replaced.
    if (exclusive && error instanceof BrokerError && error.replyCode === 405) return false;
    throw error;
  }
}
