import type { Delivery } from "../../core/ports/amqp.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";

/** Who takes what a consumer is given. */
export interface Recipient {
  /** Takes a delivery to its settlement, in a slot; never rejects. */
  handle(delivery: Delivery, queue: string, arrivedAt?: number): MaybePromise<void>;
  /**
   * Takes a delivery that is not to be run, and so needs no slot, and says whether it did: one whose message runs here
   * already, as after a link that was lost and is back, is settled with that run's outcome; one that its queue may drop
   * before long is moved to the queue's end.
   */
  follow(delivery: Delivery, queue: string): boolean;
  /**
   * Gives a delivery back to its queue unrun: when it comes again, it comes from no crash. Resolves when it is there, if
   * it has to be moved.
   */
  giveBack(delivery: Delivery, queue: string, arrivedAt: number): MaybePromise<unknown>;
  /** The consumer is no longer attached: what it had goes back to its queue and says nothing of a crash. */
  detached(): void;
}
