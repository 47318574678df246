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
    const run = (one: Run): MaybePromise<Ending> =>
      andThen(next(one), (ending) => {
        if (ending.kind !== "unavailable") return ending;
        availability.lost(ending.error);
        return unavailable === "held" ? later(one) : ending;
      });
    const later = async (one: Run): Promise<Ending> =>
      await availability.recovered() ? await run(one) : { kind: "requeue" };
    const instead = (one: Run): MaybePromise<Ending> => {
      if (unavailable === "held") return later(one);
      return unavailable === "returned"
        ? { kind: "requeue" }
        : { kind: "unavailable", error: availability.error };
    };
    return (one) => availability.error === undefined ? run(one) : instead(one);
  };
}
