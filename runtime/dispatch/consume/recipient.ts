import type { Delivery } from "../../core/ports/amqp.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";
import type { Permit } from "../rate/pace.ts";

/** Takes the messages of a consumer. */
export interface Recipient {
  /**
   * Runs and settles a delivery, in a slot. Never rejects. If the message keeps its place and is to be handled again, the
   * result is the wait until then, in milliseconds.
   */
  handle(
    delivery: Delivery,
    queue: string,
    arrivedAt?: number,
    permit?: Permit,
  ): MaybePromise<number | void>;
  /**
   * Takes a delivery that must not be run now and so needs no slot. Returns whether it took it. There are two kinds: a
   * message that runs here already (after a lost connection) is settled with that run's outcome, and a message that its
   * queue may soon drop is moved to the end of the queue.
   */
  follow(delivery: Delivery, queue: string): boolean;
  /**
   * Gives a delivery back to its queue without a run, and remembers that no crash brought it back. If it has to be moved,
   * this resolves when it is there.
   */
  giveBack(delivery: Delivery, queue: string, arrivedAt: number): MaybePromise<unknown>;
  /** Settles a delivery without a run, because a later message of its key has come; for consumers where that may be. */
  supersede?(delivery: Delivery, queue: string, arrivedAt: number): MaybePromise<unknown>;
  /** The consumer is no longer attached. Its messages go back to the queue, and that is no sign of a crash. */
  detached(): void;
}
