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
  /** When the broker delivered it, by the wall clock, which costs a tenth of the monotonic one. */
  readonly arrivedAt: number;
  readonly #started = Date.now();
  #claimed = false;

  constructor(delivery: Delivery, queue: string, { message, attempt }: Arrived, arrivedAt?: number) {
    this.delivery = delivery;
    this.queue = queue;
    this.message = message;
    this.attempt = attempt;
    this.arrivedAt = arrivedAt ?? this.#started;
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
