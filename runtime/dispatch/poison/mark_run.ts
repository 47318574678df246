import type { Ending } from "../delivery/ending.ts";
import type { Background } from "../delivery/background.ts";
import { tokenOf } from "./policy.ts";
import type { Run } from "../delivery/run.ts";
import type { Handle, Stage } from "../stages/stage.ts";
import type { RunMarkers } from "./run_markers.ts";
import type { GiveBackLater } from "./unmarked.ts";

/** Marks a suspect at the broker until it is settled. If the run ends the process, the mark stays and the crash is counted. */
export function markRun(markers: RunMarkers, giveBackLater: GiveBackLater, background: Background): Stage {
  const marked = async (run: Run, token: string, next: Handle): Promise<Ending> => {
    try {
      await markers.set(token);
    } catch (error) {
      return await giveBackLater(error);
    }
    // A mark that cannot be removed expires.
    run.onEnded(() => background.add(markers.clear(token).catch(() => {})));
    // If its channel was lost meanwhile, the message is delivered again.
    return run.delivery.open ? await next(run) : { kind: "abandoned" };
  };
  return (next) => (run) => {
    const token = run.isSuspect ? tokenOf(run.delivery) : undefined;
    return token === undefined ? next(run) : marked(run, token, next);
  };
}
