import type { Availability } from "../availability.ts";
import type { Ending } from "../delivery/ending.ts";
import { mayStillRun } from "../delivery/hold_limit.ts";
import type { Run } from "../delivery/run.ts";
import type { Pace } from "../rate/pace.ts";
import type { Stage } from "./stage.ts";

/**
 * Uses a permit for each run that begins: the one that the run's slot has got, or the next one if the run is repeated
 * because its process ended. A message that is not run leaves the permit to the next. A run whose process has to start
 * first begins after that; otherwise all that wait for the process would begin at once.
 */
export function atRate(pace: Pace, availability: Availability, stop: AbortSignal): Stage {
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
    const begin = (run: Run) => run.permit?.use() ? next(run) : later(run);
    const later = async (run: Run): Promise<Ending> => {
      while (!pace.take()?.use()) {
        if (!await mayBegin(run)) return { kind: "abandoned" };
      }
      return await next(run);
    };
    const prepared = async (run: Run): Promise<Ending> => {
      try {
        await availability.prepare();
      } catch (error) {
        return { kind: "unavailable", error };
      }
      return run.here && !stop.aborted ? await begin(run) : { kind: "abandoned" };
    };
    return (run) => availability.live ? begin(run) : prepared(run);
  };
}
