import type { Ending } from "../delivery/ending.ts";
import { mayStillRun } from "../delivery/hold_limit.ts";
import type { Run } from "../delivery/run.ts";
import type { Pace } from "../rate/pace.ts";
import type { Stage } from "./stage.ts";

/**
 * Uses a permit for each run that begins: the one that the run's slot has got, or the next one if the run is repeated
 * because its process ended. A message that is not run leaves the permit to the next.
 */
export function atRate(pace: Pace, stop: AbortSignal): Stage {
  /** Resolves when there may be a permit, or when the runtime stops. Returns whether the message is still here. */
  const mayBegin = async (run: Run): Promise<boolean> => {
    const { promise: woken, resolve } = Promise.withResolvers<void>();
    pace.wake(resolve);
    stop.addEventListener("abort", resolve as () => void);
    const isHere = await mayStillRun(run, woken);
    stop.removeEventListener("abort", resolve as () => void);
    pace.forget(resolve);
    return isHere && !stop.aborted;
  };
  return (next) => {
    const later = async (run: Run): Promise<Ending> => {
      while (!pace.take()?.use()) {
        if (!await mayBegin(run)) return { kind: "abandoned" };
      }
      return await next(run);
    };
    return (run) => run.permit?.use() ? next(run) : later(run);
  };
}
