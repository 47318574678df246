import { queue } from "hopper";
import type { Step, Undoing } from "./_saga.ts";
import { parcels, payments, stock } from "./_services.ts";

const compensations: Record<Step, (id: string) => Promise<void>> = {
  reserve: stock.release,
  charge: payments.refund,
  ship: parcels.recall,
};

/**
 * Undoes one step, and sends itself the rest. A compensation has no other way out, so it is tried for long; a dead letter
 * in 'saga.undo.dead' needs a person.
 */
export default queue("saga.undo", {
  retry: { attempts: 50, delay: "5s", max: "1h" },
  emits: { "order-events": "topic" },
}, async ({ order, done, why }: Undoing, ctx) => {
  const last = done.at(-1);
  if (last === undefined) {
    await ctx.publish("order-events", "order.cancelled", { id: order.id, why });
    return;
  }
  await compensations[last](order.id);
  ctx.log.info(`Undone: ${last}`, { order: order.id });
  const rest: Undoing = { order, done: done.slice(0, -1), why };
  await ctx.send("saga.undo", rest, { messageId: `${order.id}.undo.${rest.done.length}` });
});
