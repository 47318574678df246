import { queue } from "hopper";
import type { Saga } from "./_saga.ts";
import { parcels } from "./_services.ts";
import { undo } from "./_undo.ts";

/** The last step. Its event tells everybody that the order is complete. */
export default queue("saga.ship", {
  onExhausted: undo,
  emits: { "order-events": "topic" },
}, async ({ order }: Saga, ctx) => {
  await parcels.ship(order);
  await ctx.publish("order-events", "order.completed", { id: order.id });
});
