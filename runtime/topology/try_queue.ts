import type { Connection, QueueDeclaration } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { onChannel } from "./on_channel.ts";
import type { FunctionPlan } from "./plan.ts";
import { explainRefusal } from "./refusal.ts";

/**
 * Declares a function's queue on a separate connection, if it does not exist yet and the broker may end the connection
 * over it. When it exists, declaring it again is safe. Rejects with `TopologyRefused` if the broker refuses.
 */
export async function tryQueue(connection: Connection, plan: FunctionPlan): Promise<void> {
  const { queue, passive } = plan;
  if (passive !== undefined || !mayEndConnection(queue)) return;
  try {
    if (await onChannel(connection, (channel) => channel.hasQueue(queue.name))) return;
    await connection.apart((own) => onChannel(own, (channel) => channel.declareQueue(queue)));
  } catch (error) {
    throw error instanceof BrokerError ? explainRefusal(error, plan) : error;
  }
}

/**
 * RabbitMQ ends the connection if it is configured to refuse queues that are neither durable nor exclusive, and for some
 * invalid arguments. An exclusive queue cannot be tried: it would belong to the other connection.
 */
function mayEndConnection({ durable, exclusive, arguments: args }: QueueDeclaration): boolean {
  return !exclusive && (!durable || Object.keys(args).some((name) => name !== "x-queue-type"));
}
