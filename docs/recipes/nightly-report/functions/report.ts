import { schedule } from "hopper";
import { openOrders } from "./_orders.ts";

/** Every night at three, what was ordered since the last report. */
export default schedule("0 3 * * *", {
  timezone: "Europe/Berlin",
  // A night on which nothing ran is made up for, once.
  catchUp: "once",
  permissions: { read: ["data"], write: ["data"] },
  setup: () => ({ db: openOrders() }),
  publish: { queue: "reports" },
}, (tick, { state: { db }, log }) => {
  // Where a report was skipped, this one has its orders too.
  const since = tick.previous ?? new Date(tick.at.getTime() - 86_400_000);
  const { count, cents } = db.prepare(
    'SELECT count(*) AS count, coalesce(sum(cents), 0) AS cents FROM "order" WHERE at >= ? AND at < ?',
  ).get(since.toISOString(), tick.at.toISOString())!;
  log.info(`${count} orders`);
  return { from: since.toISOString(), to: tick.at.toISOString(), count, cents };
});
