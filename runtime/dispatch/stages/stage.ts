import type { Ending } from "../delivery/ending.ts";
import type { Run } from "../delivery/run.ts";
import type { MaybePromise } from "../delivery/maybe_promise.ts";

/** Takes a delivery to its end, but does not settle it. Never throws or rejects. */
export type Handle = (run: Run) => MaybePromise<Ending>;

/** Does one thing around the next stage: before it, after it, or instead of it. */
export type Stage = (next: Handle) => Handle;

/** Wraps `innermost` in stages; the first stage is outermost. Stages that are `false` or `undefined` are left out. */
export function compose(stages: readonly (Stage | false | undefined)[], innermost: Handle): Handle {
  return stages.reduceRight<Handle>((next, stage) => stage ? stage(next) : next, innermost);
}
