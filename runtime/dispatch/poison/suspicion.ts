import type { Delivery } from "../../core/ports/amqp.ts";
import { wasInCrash } from "./policy.ts";

/**
 * Decides which deliveries are suspects. A process that ended had at most its prefetch in flight, and those messages are
 * at the head of the queue again. So after that many suspects in a row, no more are suspected. Without this limit, a
 * whole classic queue would run one message at a time after a crash of the broker, which marks all as redelivered.
 */
export class Suspicion {
  readonly #max: number;
  #left: number;

  /** `prefetch` is how many messages a process may have in flight. */
  constructor(prefetch: number) {
    this.#max = prefetch;
    this.#left = prefetch;
  }

  /**
   * This process is alive, but lost its deliveries (for example with its connection). So the redelivered messages that
   * follow come from here and are not suspects, until the next new message.
   */
  clear(): void {
    this.#left = 0;
  }

  /** Whether this delivery may have ended a process. Must be called once for each delivery, in their order. */
  of(delivery: Delivery): boolean {
    if (!wasInCrash(delivery)) {
      this.#left = this.#max;
      return false;
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
