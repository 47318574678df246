import type { Connection } from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import type { Binding, FunctionPlan } from "./plan.ts";

/**
 * The bindings that a function's queue has by its old plan and not by the new one. None where the new plan has
 * another queue: the old one stays as it is, and a temporary one goes with its consumer.
 */
export function staleBindings(before: FunctionPlan, after: FunctionPlan): Binding[] {
  if (before.queue.name === "" || before.queue.name !== after.queue.name) return [];
  // What is others' by either plan is theirs to take away.
  if (before.passive || after.passive) return [];
  const kept = new Set(after.bindings.map(identity));
  return before.bindings.filter((binding) => !kept.has(identity(binding)));
}

/**
 * Takes bindings away from a queue. One that is gone already, or whose exchange or queue is, is no error. Rejects
 * with `BrokerError` if the broker refuses otherwise.
 */
export async function removeBindings(
  connection: Connection,
  queue: string,
  bindings: readonly Binding[],
): Promise<void> {
  // One channel each, since the broker closes it where it knows no such exchange; there are few of them.
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

// The arguments of a binding have no order.
function identity({ exchange, routingKey, arguments: headers }: Binding): string {
  const sorted = Object.entries(headers).toSorted(([a], [b]) => a < b ? -1 : 1);
  return JSON.stringify([exchange, routingKey, sorted]);
}
