import type { Ending } from "../delivery/ending.ts";
import type { Run } from "../delivery/run.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Handle, Stage } from "./stage.ts";

/**
 * Repeats a run whose process ended, until it is known whether the message itself ended it. If other runs were in the
 * process, it ends as `suspect`, and has to run alone. If it was alone, it is repeated until it counts.
 */
export function untilItCounts(stop: AbortSignal): Stage {
  /**
   * Whether the message is still here and may run again. If it would be here too long, it goes back to its queue.
   * Without acknowledgements it can only run here.
   */
  const isOurs = (run: Run): boolean => {
    if (stop.aborted) return false;
    if (performance.now() > run.beginBy) run.giveBack();
    return run.here;
  };
  return (next: Handle) => {
    const again = async (run: Run, first: Ending): Promise<Ending> => {
      let ending = first;
      while (!counts(ending) && isOurs(run)) {
        if (ending.kind === "suspect") run.wasSuspected = true;
        if (ending.kind === "suspect" && !run.isAlone) return ending;
        ending = await next(run);
      }
      return counts(ending) ? concluded(run, ending) : { kind: "abandoned" };
    };
    return (run) =>
      andThen(next(run), (ending) => counts(ending) ? concluded(run, ending) : again(run, ending));
  };
}

/** A suspect that ended its process again, alone, has ended two processes: both count. */
function concluded(run: Run, ending: Ending): Ending {
  if (ending.kind === "failed" && ending.crashed && run.wasSuspected) run.countStart();
  return ending;
}

/** Whether the run ended by itself, and not with a process that another run ended. */
function counts({ kind }: Ending): boolean {
  return kind !== "interrupted" && kind !== "suspect";
}
