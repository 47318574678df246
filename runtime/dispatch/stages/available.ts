import type { Availability } from "../availability.ts";
import type { Ending } from "../delivery/ending.ts";
import { andThen, type MaybePromise } from "../delivery/maybe_promise.ts";
import type { Run } from "../delivery/run.ts";
import type { Stage } from "./stage.ts";

/** What becomes of a message that comes while it cannot be run. */
export type Unavailable =
  /** It ends with the error, which the caller of an rpc gets. */
  | "answered"
  /** It goes back to its queue. */
  | "returned"
  /** It waits here, because without acknowledgements the broker has forgotten it; if the function stops, it goes back. */
  | "held";

/** Runs nothing while the function's process or setup fails. */
export function whileAvailable(availability: Availability, unavailable: Unavailable): Stage {
  return (next) => {
    const now = (run: Run): MaybePromise<Ending> =>
      andThen(next(run), (ending) => {
        if (ending.kind !== "unavailable") return ending;
        availability.lost(ending.error);
        return unavailable === "held" ? held(run) : ending;
      });
    const held = async (run: Run): Promise<Ending> =>
      await availability.ready() ? await now(run) : { kind: "requeue" };
    if (unavailable === "held") return (run) => availability.live ? now(run) : held(run);
    const refused = (): Ending =>
      unavailable === "returned" ? { kind: "requeue" } : { kind: "unavailable", error: availability.error };
    return (run) => availability.error === undefined ? now(run) : refused();
  };
}
