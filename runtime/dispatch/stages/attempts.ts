import type { Resolved } from "../../core/settings/settings.ts";
import type { Ending } from "../delivery/ending.ts";
import { maxWaitMs } from "../delivery/hold_limit.ts";
import type { Run } from "../delivery/run.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Handle, Stage } from "./stage.ts";

/**
 * Runs a message again whose process ended under it, until it is known to be its own doing or not: a run that others
 * were beside ends as `suspect`, and one that is alone goes on until it counts.
 */
export function untilItCounts(settings: Resolved, stop: AbortSignal): Stage {
  /**
   * Whether the message is here still, and may be run once more: one that would be here too long goes back to its
   * queue. Without acknowledgements there is no other to run it.
   */
  const isOurs = (run: Run): boolean => {
    if (stop.aborted) return false;
    if (settings.ack === "none") return true;
    if (performance.now() > run.arrivedAt + maxWaitMs(settings)) run.giveBack();
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

/** It has ended two processes, beside others and alone. */
function concluded(run: Run, ending: Ending): Ending {
  if (ending.kind === "failed" && ending.crashed && run.wasSuspected) run.countStart();
  return ending;
}

/** Whether the run came to an end of its own. */
function counts({ kind }: Ending): boolean {
  return kind !== "interrupted" && kind !== "suspect";
}
