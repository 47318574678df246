import type { MaybePromise } from "../delivery/maybe_promise.ts";
import type { Permit } from "../rate/pace.ts";

/** What is to be done for a message that waits for others of its key. */
export interface LaneJob {
  /** Runs it, in a slot. If it is to be done again before the next of its lane, it ends with the wait, in milliseconds. */
  run(permit?: Permit): MaybePromise<number | void>;
  /** Settles its message without a run, because a later one of its lane has come. */
  supersede(): void;
}

/** Where the messages of one key wait for each other. What waits here takes no slot. */
export interface Lanes {
  /** How many jobs wait for their lane. */
  readonly waiting: number;
  /** Starts the job, now or when its turn comes. */
  push(lane: unknown, job: LaneJob): void;
  /** Forgets the jobs that wait, here and for a slot, and returns how many there were. */
  clear(): number;
}
