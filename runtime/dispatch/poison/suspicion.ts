import type { Delivery } from "../../core/ports/amqp.ts";
import { wasInCrash } from "./policy.ts";

/**
 * Decides which deliveries are suspects. A process that ended had at most its prefetch in flight, and that is first
 * in the queue again: once so many in a row were suspected, the others are not. After a crash of the broker itself
 * the whole of a classic queue counts as delivered before, and would else run one message at a time.
 */
export class Suspicion {
  readonly #most: number;
  #left: number;

  /** `prefetch` is what a process may have in flight. */
  constructor(prefetch: number) {
    this.#most = prefetch;
    this.#left = prefetch;
  }

  /**
   * This process gave up what it had and lives, as after a link that was cut: what was delivered before comes from
   * there, up to the next message that is new.
   */
  clear(): void {
    this.#left = 0;
  }

  /** Whether this delivery may have ended a process; to be asked once of each, as they come. */
  of(delivery: Delivery): boolean {
    if (!wasInCrash(delivery)) {
      this.#left = this.#most;
      return false;
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
