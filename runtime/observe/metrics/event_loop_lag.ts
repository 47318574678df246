import { Buckets } from "./buckets.ts";
import { definitions } from "./definitions.ts";

const everyMs = 250;

/** Looks four times a second how late the event loop is. */
export class EventLoopLag {
  /** The lag of each look, in seconds. */
  readonly buckets: Buckets = new Buckets(definitions.lag.buckets);
  readonly #timer: ReturnType<typeof setInterval>;
  #expected = performance.now() + everyMs;

  constructor() {
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.buckets.observe(Math.max(0, now - this.#expected) / 1000);
    this.#expected = now + everyMs;
  }
}
