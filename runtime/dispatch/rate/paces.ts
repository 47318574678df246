import type { Publisher } from "../../core/ports/amqp.ts";
import type { Rate } from "../../core/settings/rate_settings.ts";
import type { RingQueues } from "./fill_ring.ts";
import type { Pace } from "./pace.ts";
import { TimedPace } from "./timed_pace.ts";
import { TokenRing, type TokenRingParts } from "./token_ring.ts";

// With more tokens ahead, other runtimes would wait for those that one does not use.
const aheadMs = 10;

/** The rates of a function. Its versions share them, so that a deploy gives no second burst. */
export class Paces {
  readonly #parts: Pick<TokenRingParts, "function" | "link" | "emit">;
  readonly #rings = new Map<string, TokenRing>();
  #timed: TimedPace | undefined;

  constructor(parts: Pick<TokenRingParts, "function" | "link" | "emit">) {
    this.#parts = parts;
  }

  /** The pace for a rate from now on. */
  of(
    rate: Rate | false,
    ring: (rate: Rate) => RingQueues,
    publisher: Pick<Publisher, "publish">,
  ): Pace | undefined {
    if (rate === false) return undefined;
    if (rate.scope === "process") {
      if (this.#timed === undefined) this.#timed = new TimedPace(rate);
      else this.#timed.change(rate);
      return this.#timed;
    }
    const queues = ring(rate);
    const known = this.#rings.get(queues.tokens.name);
    if (known) return known;
    const { limit, per, burst: count } = rate;
    const prefetch = Math.max(1, Math.min(Math.ceil(count / 4), Math.ceil(limit * aheadMs / per)));
    const made = new TokenRing({ ...this.#parts, queues, publisher, count, prefetch });
    this.#rings.set(queues.tokens.name, made);
    return made;
  }

  async close(): Promise<void> {
    this.#timed?.close();
    await Promise.all([...this.#rings.values()].map((ring) => ring.close()));
  }
}
