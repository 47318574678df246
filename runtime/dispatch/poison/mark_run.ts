import type { Ending } from "../delivery/ending.ts";
import type { Background } from "../delivery/background.ts";
import { tokenOf } from "./policy.ts";
import type { Run } from "../delivery/run.ts";
import type { Handle, Stage } from "../stages/stage.ts";
import type { RunMarkers } from "./run_markers.ts";
import type { GiveBackLater } from "./unmarked.ts";

/** RunMarkers a suspect at the broker for as long as it runs and is settled, so that a process it ends is counted. */
export function markRun(markers: RunMarkers, giveBackLater: GiveBackLater, background: Background): Stage {
  const marked = async (run: Run, token: string, next: Handle): Promise<Ending> => {
    try {
      await markers.set(token);
    } catch (error) {
      return await giveBackLater(error);
    }
    // One that stays expires.
    run.onEnded(() => background.add(markers.clear(token).catch(() => {})));
    // Its channel may have gone away meanwhile, and then it comes again.
    return run.delivery.open ? await next(run) : { kind: "abandoned" };
  };
  return (next) => (run) => {
    const token = run.isSuspect ? tokenOf(run.delivery) : undefined;
    return token === undefined ? next(run) : marked(run, token, next);
  };
}
