import { queue } from "hopper";

/** Takes orders, also those that come over HTTP. An order that a client sends twice is handled once. */
export default queue(
  "shop.orders",
  { dedupe: { for: "1d" } },
  (order: { item: string; count: number }, { log }) => {
    log.info(`${order.count} × ${order.item}`);
  },
);
