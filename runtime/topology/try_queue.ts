import type { Connection, QueueDeclaration } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { queuesOf } from "./declare.ts";
import { onChannel } from "./on_channel.ts";
import type { FunctionPlan } from "./plan.ts";
import { explainRefusal } from "./refusal.ts";

/**
 * Declares a function's queues on a separate connection, if they do not exist yet and the broker may end the connection
 * over them. What exists can be declared again safely. Rejects with `TopologyRefused` if the broker refuses.
 */
export async function tryQueue(connection: Connection, plan: FunctionPlan): Promise<void> {
  if (plan.passive !== undefined) return;
  for (const queue of [...queuesOf(plan.stream), plan.queue]) await tryOne(connection, queue, plan);
}

async function tryOne(connection: Connection, queue: QueueDeclaration, plan: FunctionPlan): Promise<void> {
  if (!mayEndConnection(queue)) return;
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
