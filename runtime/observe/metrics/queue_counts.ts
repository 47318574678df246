import { within } from "../../core/within.ts";
import type { Waiting } from "./source.ts";

/** Times of the counts, in milliseconds. */
export interface CountTimes {
  /** The broker is asked again after this time. */
  readonly fresh: number;
  /** A reader waits this long for the answer. */
  readonly wait: number;
  /** A reader that waited in vain gets the answer before, if it is not older than this. */
  readonly stale: number;
}

const defaultTimes: CountTimes = { fresh: 5_000, wait: 1_000, stale: 30_000 };

type Count = () => Promise<readonly Waiting[]>;

/**
 * Counts of queues for any number of readers. The broker is asked once at a time, and no more than once in five seconds;
 * no reader waits longer than a second.
 */
export class QueueCounts {
  readonly #count: Count;
  readonly #times: CountTimes;
  readonly #now: () => number;
  #last: { readonly queues: readonly Waiting[]; readonly at: number } | undefined;
  #asking: { readonly since: number; readonly done: Promise<void> } | undefined;

  constructor(count: Count, times: CountTimes = defaultTimes, now: () => number = () => performance.now()) {
    this.#count = count;
    this.#times = times;
    this.#now = now;
  }

  /** The latest counts; `undefined` if the broker does not say. Never rejects. */
  async current(): Promise<readonly Waiting[] | undefined> {
    const { fresh, wait, stale } = this.#times;
    if (this.#age <= fresh) return this.#last?.queues;
    await within(wait, this.#ask());
    return this.#age <= stale ? this.#last?.queues : undefined;
  }

  get #age(): number {
    return this.#last === undefined ? Infinity : this.#now() - this.#last.at;
  }

  #ask(): Promise<void> {
    const now = this.#now();
    // One that never ends shall not keep the next from being asked.
    if (this.#asking && now - this.#asking.since <= this.#times.stale) return this.#asking.done;
    const asking = { since: now, done: this.#askOnce().finally(() => this.#forget(asking)) };
    this.#asking = asking;
    return asking.done;
  }

  #forget(asking: { readonly since: number }): void {
    if (this.#asking === asking) this.#asking = undefined;
  }

  async #askOnce(): Promise<void> {
    try {
      const queues = await this.#count();
      this.#last = { queues, at: this.#now() };
    } catch {
      // There is no connection; what is known stays until it is too old.
    }
  }
}
