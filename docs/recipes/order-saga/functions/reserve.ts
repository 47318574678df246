import { queue } from "hopper";
import type { Order, Saga } from "./_saga.ts";
import { stock } from "./_services.ts";

/** The first step: an order that the shop has sent to the queue 'orders'. */
export default queue("orders", {
  emits: { "order-events": "topic" },
  async onExhausted(order: Order, error, ctx) {
    // Nothing was done yet, so there is nothing to undo.
    await ctx.publish("order-events", "order.cancelled", { id: order.id, why: error.message });
  },
}, async (order: Order, ctx) => {
  await stock.reserve(order);
  const saga: Saga = { order, done: ["reserve"] };
  await ctx.send("saga.charge", saga, { messageId: `${order.id}.charge` });
});
