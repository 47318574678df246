import { Reject } from "hopper";
import type { Order } from "./_saga.ts";

/**
 * Put your own services here. Each may be asked twice for the same order: so each takes the order's id as its
 * idempotency key, and says yes to what it has done before.
 */
export const stock = {
  reserve(order: Order): Promise<void> {
    if (order.item === "unicorn") throw new Reject(`There is no ${order.item} in stock`);
    return Promise.resolve();
  },
  release: (_id: string): Promise<void> => Promise.resolve(),
};

export const payments = {
  charge(order: Order): Promise<void> {
    if (order.amount > 1000) throw new Reject(`The card does not cover ${order.amount}`);
    return Promise.resolve();
  },
  refund: (_id: string): Promise<void> => Promise.resolve(),
};

export const parcels = {
  ship: (_order: Order): Promise<void> => Promise.resolve(),
  recall: (_id: string): Promise<void> => Promise.resolve(),
};
