import type { Emit } from "../../core/ports/events.ts";
import type { HelperQueue, Link } from "../../core/ports/amqp.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { Consumer } from "../consume/consumer.ts";
import { explainHelper } from "../settle/helper_refused.ts";
import type { Availability } from "../availability.ts";
import { CircuitBreaker } from "../circuit_breaker.ts";
import type { Hold } from "../hold.ts";
import type { Pace } from "../rate/pace.ts";
import type { Recipient } from "../consume/recipient.ts";

/** What is needed to consume a function's suspects. */
export interface SuspectsParts {
  readonly function: string;
  readonly settings: Resolved;
  readonly link: Link;
  /** The queue of suspects; `undefined` if the function is not watched for poison messages. */
  readonly queue: HelperQueue | undefined;
  readonly recipient: Recipient;
  readonly availability: Availability;
  readonly hold: Hold;
  readonly pace: Pace | undefined;
  readonly emit: Emit;
}

/** The consumer of a function's suspects, one message at a time. It is attached when there is the first suspect. */
export class Suspects {
  readonly #parts: SuspectsParts;
  #consumer: Consumer | undefined;
  #stopped = false;

  constructor(parts: SuspectsParts) {
    this.#parts = parts;
  }

  /** The consumer, if it is attached. */
  get consumers(): readonly Consumer[] {
    return this.#consumer ? [this.#consumer] : [];
  }

  /** From now on, attaches no consumer. One that is attached already must be drained by the owner. */
  stop(): void {
    this.#stopped = true;
  }

  /** Attaches the consumer, if an earlier process left a queue of suspects behind. */
  async attachIfAny(): Promise<void> {
    const { queue, link } = this.#parts;
    if (queue === undefined || this.#consumer) return;
    try {
      const channel = await (await link.connection()).openChannel();
      const found = await channel.hasQueue(queue.name);
      await channel.close();
      if (found) this.attach();
    } catch {
      // The connection was lost. The function's own consumer attaches again too, and then this is asked again.
    }
  }

  /** Attaches the consumer. */
  attach(): void {
    const { function: name, queue, link, settings, recipient, availability, hold, pace, emit } = this.#parts;
    if (queue === undefined || this.#consumer || this.#stopped) return;
    this.#consumer = new Consumer({
      function: name,
      settings: { ...settings, prefetch: 1, concurrency: 1 },
      link,
      declare: (channel) =>
        channel.declareQueue(queue).catch((error) => {
          throw explainHelper(error, queue);
        }),
      recipient,
      breaker: new CircuitBreaker(false),
      availability,
      hold,
      pace,
      emit,
    });
  }
}
