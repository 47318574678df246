import type { Availability } from "../availability.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Ending } from "../delivery/ending.ts";
import type { Run } from "../delivery/run.ts";
import type { Stage } from "./stage.ts";

/**
 * Runs nothing while the function's process or setup fails. Without acknowledgements (`holds`) the broker has forgotten
 * the message, so it waits here until it can be run, or until the function stops.
 */
export function whileAvailable(availability: Availability, holds: boolean): Stage {
  return (next) => {
    const refused = (run: Run): Ending | Promise<Ending> =>
      holds ? later(run) : { kind: "unavailable", error: availability.error };
    const later = async (run: Run): Promise<Ending> =>
      await availability.recovered() ? await now(run) : { kind: "unavailable", error: availability.error };
    const now = (run: Run) =>
      andThen(next(run), (ending) => {
        if (ending.kind !== "unavailable") return ending;
        availability.lost(ending.error);
        return refused(run);
      });
    return (run) => availability.error === undefined ? now(run) : refused(run);
  };
}
