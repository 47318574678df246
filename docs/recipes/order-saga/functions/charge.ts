import { queue } from "hopper";
import type { Saga } from "./_saga.ts";
import { payments } from "./_services.ts";
import { undo } from "./_undo.ts";

/** The second step: the customer pays. */
export default queue("saga.charge", { onExhausted: undo }, async ({ order, done }: Saga, ctx) => {
  await payments.charge(order);
  const saga: Saga = { order, done: [...done, "charge"] };
  await ctx.send("saga.ship", saga, { messageId: `${order.id}.ship` });
});
