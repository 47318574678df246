import type { Connection, QueueDeclaration } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { onChannel } from "./on_channel.ts";
import type { FunctionPlan } from "./plan.ts";
import { explainRefusal } from "./refusal.ts";

/**
 * Declares a function's queue where that can cost nobody else the connection, if it is not there yet and a broker may
 * end one over it. Once it is there, declaring it again is safe. Rejects with `TopologyRefused` if the broker will not
 * have it.
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
 * RabbitMQ does where it has been told to permit no queue that is neither durable nor exclusive, and over arguments that
 * it cannot make sense of. An exclusive queue would be the other connection's own.
 */
function mayEndConnection({ durable, exclusive, arguments: args }: QueueDeclaration): boolean {
  return !exclusive && (!durable || Object.keys(args).some((name) => name !== "x-queue-type"));
}
