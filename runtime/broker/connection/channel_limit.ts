import { Waiting } from "./waiting.ts";

/** How many unanswered messages the consumers of a channel may have together, and which of them wait for room. */
export class ChannelLimit {
  /** Consumers for which the limit left no room. */
  readonly waiting = new Waiting();
  #limit = 0;
  #unanswered = 0;

  get isSet(): boolean {
    return this.#limit !== 0;
  }

  /** @param limit 0 for any number */
  set(limit: number): void {
    this.#limit = limit;
  }

  /** Whether there is room for one more delivery. */
  readonly hasRoom = (): boolean => this.#limit === 0 || this.#unanswered < this.#limit;

  delivered(): void {
    this.#unanswered++;
  }

  answered(): void {
    this.#unanswered--;
  }

  /** There may be room again, as the limit has changed or a message was answered. */
  serve(): void {
    this.waiting.serve(this.hasRoom);
  }
}
