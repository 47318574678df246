import type { Connection } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { type Binding, type FunctionPlan, identityOf } from "./plan.ts";

/**
 * The bindings of a function's queue that are in the old plan and not in the new one. None if the new plan has another
 * queue: the old queue stays as it is, and a temporary one is deleted with its consumer.
 */
export function staleBindings(before: FunctionPlan, after: FunctionPlan): Binding[] {
  if (before.queue.name === "" || before.queue.name !== after.queue.name) return [];
  // If others own it, only they may remove bindings.
  if (before.passive || after.passive) return [];
  const kept = new Set(after.bindings.map(identityOf));
  return before.bindings.filter((binding) => !kept.has(identityOf(binding)));
}

/**
 * Removes bindings of a queue. It is no error if a binding, its exchange or the queue is gone already. Rejects with
 * `BrokerError` if the broker refuses for another reason.
 */
export async function removeBindings(
  connection: Connection,
  queue: string,
  bindings: readonly Binding[],
): Promise<void> {
  // One channel for each, because the broker closes it if the exchange does not exist.
  for (const { exchange, routingKey, arguments: headers } of bindings) {
    const channel = await connection.openChannel();
    try {
      await channel.unbindQueue(queue, exchange, routingKey, headers);
    } catch (error) {
      if (!(error instanceof BrokerError) || error.replyCode !== 404) throw error;
    } finally {
      await channel.close();
    }
  }
}
