import type { Delivery } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import type { Resolved } from "../core/settings.ts";
import { attemptOf, messageOf } from "./message.ts";

/** One delivery on its way from decoded to settled. Whoever claims it settles it; a second claim is refused. */
export class Run {
  readonly delivery: Delivery;
  readonly message: Message;
  readonly attempt: number;
  readonly #started = performance.now();
  #claimed = false;

  constructor(delivery: Delivery, settings: Resolved) {
    this.delivery = delivery;
    this.message = messageOf(delivery);
    this.attempt = attemptOf(delivery, settings.queueType);
  }

  /** Whether the caller is the first to settle this message. */
  claim(): boolean {
    const first = !this.#claimed;
    this.#claimed = true;
    return first;
  }

  /** Whole milliseconds since it began. */
  get ms(): number {
    return Math.round(performance.now() - this.#started);
  }
}
