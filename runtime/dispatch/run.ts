import type { Delivery } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import type { Arrived } from "./message.ts";

/** One delivery on its way from decoded to settled. Whoever claims it settles it; a second claim is refused. */
export class Run {
  readonly delivery: Delivery;
  /** The queue it came from. */
  readonly queue: string;
  readonly message: Message;
  readonly attempt: number;
  // The wall clock: what it is for is shown in whole milliseconds, and it costs a tenth of the monotonic one.
  readonly #started = Date.now();
  #claimed = false;

  constructor(delivery: Delivery, queue: string, { message, attempt }: Arrived) {
    this.delivery = delivery;
    this.queue = queue;
    this.message = message;
    this.attempt = attempt;
  }

  /** Whether the caller is the first to settle this message. */
  claim(): boolean {
    const first = !this.#claimed;
    this.#claimed = true;
    return first;
  }

  /** Whole milliseconds since it began. */
  get ms(): number {
    return Math.max(0, Date.now() - this.#started);
  }
}
