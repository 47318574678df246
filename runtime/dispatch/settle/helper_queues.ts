import type { HelperQueue, Outgoing, Publisher } from "../../core/ports/amqp.ts";
import { Unroutable } from "../../core/ports/amqp_errors.ts";
import { explainHelper, notMade } from "./helper_refused.ts";

// One entry for each helper queue in use. With more queues, leases are renewed a little too often.
const maxRemembered = 1000;

/** Publishes to Hopper's helper queues, and declares them when the first message needs them. */
export class HelperQueues {
  readonly #publisher: Publisher;
  readonly #declared = new Map<string, Moment>();

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /**
   * Publishes to `queue`, and waits for the confirm. Declares the queue first if it is missing or half of its lease is
   * over. Rejects as a publisher does, and with `HelperRefused`, for example if a queue that others own is missing.
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
    // If the broker accepted nothing for hours (it was out of memory), the lease may have ended before it accepted the
    // message, and the queue would be deleted with it. So it is published once more: twice is better than never.
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

// Two clocks, because one stops while the machine sleeps, and the other jumps when somebody sets the time. The larger age
// counts.
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
