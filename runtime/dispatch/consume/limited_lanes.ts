import { andThen } from "../delivery/maybe_promise.ts";
import type { LaneJob, Lanes } from "./lanes.ts";
import type { Slots } from "./slots.ts";

/** Lets at most `limit` jobs of one lane run at the same time, and starts them in the order in which they come. */
export class LimitedLanes implements Lanes {
  readonly #slots: Slots;
  readonly #limit: number;
  /** The jobs of each lane that hold a place in it, and (`#running`) those of them that run now. */
  #held = new Map<unknown, number>();
  readonly #running = new Map<unknown, number>();
  readonly #waiting = new Map<unknown, LaneJob[]>();
  readonly #again = new Set<ReturnType<typeof setTimeout>>();
  /** Grows when all that waits is forgotten. */
  #round = 0;

  constructor(slots: Slots, limit: number) {
    this.#slots = slots;
    this.#limit = limit;
  }

  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, { length }) => sum + length, this.#again.size);
  }

  push(lane: unknown, job: LaneJob): void {
    if ((this.#held.get(lane) ?? 0) < this.#limit) {
      count(this.#held, lane, 1);
      return this.#start(lane, job);
    }
    const waiting = this.#waiting.get(lane);
    if (waiting) waiting.push(job);
    else this.#waiting.set(lane, [job]);
  }

  clear(): number {
    const forgotten = this.waiting + this.#slots.clear();
    this.#round++;
    this.#waiting.clear();
    for (const timer of this.#again) clearTimeout(timer);
    this.#again.clear();
    this.#held = new Map(this.#running);
    return forgotten;
  }

  #start(lane: unknown, job: LaneJob): void {
    this.#slots.push((permit) => {
      count(this.#running, lane, 1);
      const round = this.#round;
      return andThen(job.run(permit), (wait) => {
        count(this.#running, lane, -1);
        if (wait === undefined || round !== this.#round) this.#next(lane);
        else this.#later(lane, job, wait);
      });
    });
  }

  #later(lane: unknown, job: LaneJob, ms: number): void {
    const timer = setTimeout(() => {
      this.#again.delete(timer);
      this.#start(lane, job);
    }, ms);
    this.#again.add(timer);
  }

  #next(lane: unknown): void {
    const waiting = this.#waiting.get(lane);
    if (waiting === undefined) return count(this.#held, lane, -1);
    const job = waiting.shift()!;
    if (waiting.length === 0) this.#waiting.delete(lane);
    this.#start(lane, job);
  }
}

/** Adds to a count, which is kept only while it is not 0. */
function count(counts: Map<unknown, number>, key: unknown, change: number): void {
  const now = (counts.get(key) ?? 0) + change;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
}
