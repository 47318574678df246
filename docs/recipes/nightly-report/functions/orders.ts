import { queue } from "hopper";
import { openOrders } from "./_orders.ts";

/** Keeps each order. */
export default queue("orders", {
  permissions: { read: ["data"], write: ["data"] },
  setup: () => ({ db: openOrders() }),
}, (order: { id: string; cents: number }, { state: { db } }) => {
  const at = new Date().toISOString();
  db.prepare('INSERT OR IGNORE INTO "order" VALUES (?, ?, ?)').run(order.id, at, order.cents);
});
