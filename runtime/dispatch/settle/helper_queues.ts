import type { HelperQueue, Outgoing, Publisher } from "../../core/ports/amqp.ts";
import { Unroutable } from "../../core/ports/amqp_errors.ts";
import { explainHelper, notMade } from "./helper_refused.ts";

// One entry for each helper queue in use; past this many the leases are renewed a little too often.
const maxRemembered = 1000;

/** Publishes into Hopper's own queues, which are made when the first message needs them. */
export class HelperQueues {
  readonly #publisher: Publisher;
  readonly #declared = new Map<string, Moment>();

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /**
   * Publishes to `queue`, confirmed; declares it first where it is missing or its lease is half over. Rejects as a
   * publisher does, and with `HelperRefused`, as where one that others own is missing.
   */
  async publish(message: Outgoing, queue: HelperQueue): Promise<void> {
    let declared = this.#leaseIsDue(queue) ? await this.#declare(queue) : this.#declared.get(queue.name);
    try {
      await this.#publisher.publish(message);
    } catch (error) {
      if (!(error instanceof Unroutable)) throw error;
      declared = await this.#declare(queue);
      await this.#publisher.publish(message);
    }
    // A broker that takes nothing for hours (it is out of memory) may take a message when the lease has ended, and the
    // queue would go before the message is due. Twice is better than never.
    if (declared !== undefined && ageOf(declared) > (queue.lease ?? Infinity)) {
      await this.publish(message, queue);
    }
  }

  #leaseIsDue({ name, lease }: HelperQueue): boolean {
    if (lease === undefined) return false;
    const declared = this.#declared.get(name);
    return declared === undefined || ageOf(declared) > lease / 2;
  }

  async #declare(queue: HelperQueue): Promise<Moment> {
    if (queue.owned) throw notMade(queue);
    const moment = now();
    try {
      await this.#publisher.declareQueue(queue);
    } catch (error) {
      throw explainHelper(error, queue);
    }
    if (this.#declared.size >= maxRemembered) this.#declared.clear();
    this.#declared.set(queue.name, moment);
    return moment;
  }
}

// A machine that sleeps stops the one clock, and whoever sets the time moves the other: the lease goes by the later one.
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

function now(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}

function ageOf({ monotonic, wall }: Moment): number {
  return Math.max(performance.now() - monotonic, Date.now() - wall);
}
