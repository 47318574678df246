/** An order, as the shop sends it. */
export interface Order {
  id: string;
  item: string;
  amount: number;
}

/** What can be done for an order, and undone. */
export type Step = "reserve" | "charge" | "ship";

/** An order and what was done for it so far. It travels in the messages, so that nobody has to keep it. */
export interface Saga {
  order: Order;
  done: Step[];
}

/** A saga that failed, and why. What is in `done` has still to be undone, the last first. */
export interface Undoing extends Saga {
  why: string;
}
