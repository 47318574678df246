import type { HelperQueue, Outgoing, Publisher } from "../core/link.ts";
import { Unroutable } from "../core/link_errors.ts";
import { explainHelper, notMade } from "./helper_refused.ts";

// One entry for each helper queue in use; past this many the leases are renewed a little too often.
const mostRemembered = 1000;

/** Publishes into Hopper's own queues, which are made when the first message needs them. */
export class HelperQueues {
  readonly #publisher: Publisher;
  readonly #declaredAt = new Map<string, number>();

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /**
   * Publishes to `queue`, confirmed; declares it first where it is missing or its lease is half over. Rejects as a
   * publisher does, and with `HelperRefused`, as where one that others own is missing.
   */
  async publish(message: Outgoing, queue: HelperQueue): Promise<void> {
    if (this.#leaseIsDue(queue)) await this.#declare(queue);
    try {
      await this.#publisher.publish(message);
    } catch (error) {
      if (!(error instanceof Unroutable)) throw error;
      await this.#declare(queue);
      await this.#publisher.publish(message);
    }
  }

  #leaseIsDue({ name, lease }: HelperQueue): boolean {
    if (lease === undefined) return false;
    const declaredAt = this.#declaredAt.get(name);
    return declaredAt === undefined || performance.now() - declaredAt > lease / 2;
  }

  async #declare(queue: HelperQueue): Promise<void> {
    if (queue.owned) throw notMade(queue);
    const now = performance.now();
    try {
      await this.#publisher.declareQueue(queue);
    } catch (error) {
      throw explainHelper(error, queue);
    }
    if (this.#declaredAt.size >= mostRemembered) this.#declaredAt.clear();
    this.#declaredAt.set(queue.name, now);
  }
}
