import { AmqpError } from "./errors.ts";

/** A message of which only a part has arrived. */
export interface Part {
  /** All parts together held too much, and this one most: it is dropped, and its publisher is told why. */
  giveUp(reason: AmqpError): void;
}

/**
 * Counts the bytes of messages of which only a part has arrived. The memory alarm does not count them, as it ends only
 * when consumers take messages: a publisher that has begun a message may complete it. Otherwise the halves of two large
 * messages would wait for each other, and everybody for them.
 */
export class Parts {
  readonly #held = new Map<Part, number>();
  #bytes = 0;

  /** @param limit bytes that all of them may hold together */
  constructor(readonly limit: number) {}

  /** Bytes of the largest body: there is room for two at the same time. */
  get largestBody(): number {
    return Math.floor(this.limit / 2);
  }

  /** A part holds so many bytes now. Where all hold too much, the largest gives up; throws 406 where it is this one. */
  hold(part: Part, bytes: number): void {
    this.#set(part, bytes);
    while (this.#bytes > this.limit) {
      const largest = this.#largestPart();
      this.#set(largest, 0);
      const reason = new AmqpError(
        "precondition_failed",
        `messages that are sent at the same time are larger than the broker has memory for (${this.limit} bytes)`,
      );
      if (largest === part) throw reason;
      largest.giveUp(reason);
    }
  }

  #set(part: Part, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(part) ?? 0);
    if (bytes === 0) this.#held.delete(part);
    else this.#held.set(part, bytes);
  }

  #largestPart(): Part {
    return this.#held.entries().reduce((most, next) => next[1] > most[1] ? next : most)[0];
  }
}
