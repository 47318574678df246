import type { Delivery } from "../../core/ports/amqp.ts";
import { countsMore, type LastTick, lastTickIn } from "./last_tick.ts";

/**
 * What a schedule's queue remembers, while this runtime is its consumer: of the messages that came, the one that counts.
 * It stays unacknowledged, so that the broker gives it to the next runtime; the others are acknowledged.
 */
export class Memory {
  readonly #came = Promise.withResolvers<void>();
  #kept: { readonly delivery: Delivery; readonly last: LastTick; readonly since: number } | undefined;

  /** Resolves when the first message has come, so that this runtime is the one that sends. */
  get came(): Promise<void> {
    return this.#came.promise;
  }

  /** What counts; `undefined` if nothing has come. */
  get last(): LastTick | undefined {
    return this.#kept?.last;
  }

  /** Since when its message is here, a time of `performance.now()`. */
  get since(): number | undefined {
    return this.#kept?.since;
  }

  /** Takes a message from the queue. */
  take(delivery: Delivery): void {
    const last = lastTickIn(delivery.body);
    if (last === undefined || (this.#kept && !countsMore(last, this.#kept.last))) return delivery.ack();
    this.#kept?.delivery.ack();
    this.#kept = { delivery, last, since: performance.now() };
    this.#came.resolve();
  }

  /** Forgets what counts, and acknowledges it. */
  forget(): void {
    this.#kept?.delivery.ack();
    this.#kept = undefined;
  }
}
