import type { Ending } from "../delivery/ending.ts";
import type { Run } from "../delivery/run.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";

/** Takes a delivery to its end, short of settling it. Never throws or rejects. */
export type Handle = (run: Run) => MaybePromise<Ending>;

/** One thing that is done around the next stage: before it, after it, or in its place. */
export type Stage = (next: Handle) => Handle;

/** Puts stages around `innermost`, the first outermost; those that are not wanted cost nothing. */
export function compose(stages: readonly (Stage | false | undefined)[], innermost: Handle): Handle {
  return stages.reduceRight<Handle>((next, stage) => stage ? stage(next) : next, innermost);
}
