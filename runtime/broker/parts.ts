import { AmqpError } from "./errors.ts";

/** A message of which a part has come. */
export interface Part {
  /** It held most when all together held too much: it is forgotten, and its publisher told why. */
  giveUp(reason: AmqpError): void;
}

/**
 * Counts the bytes of messages that have come in part. They are not the alarm's, which only a consumer can end: who has
 * begun a message may finish it, or two halves of large ones would wait for each other, and everybody for them.
 */
export class Parts {
  readonly #held = new Map<Part, number>();
  #bytes = 0;

  /** @param limit bytes that all of them may hold together */
  constructor(readonly limit: number) {}

  /** Bytes of the largest body: two may come at once. */
  get largestBody(): number {
    return Math.floor(this.limit / 2);
  }

  /** A part holds so many bytes now. Throws where that is too much and it holds most; else who does gives up. */
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
