import { HopperError } from "../../core/api/errors.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { IdStore } from "./id_store.ts";
import type { Stage } from "./stage.ts";

/** Does not run a message whose id was handled before. Messages without an id always run. */
export function onceForEachId(ids: IdStore): Stage {
  return (next) => (run) => {
    const { key } = run;
    if (key === undefined) return next(run);
    return andThen(ids.has(key), (known) => {
      if (known instanceof HopperError) return { kind: "unavailable", error: known };
      if (known) return { kind: "duplicate" };
      return andThen(
        next(run),
        (ending) => ending.kind === "returned" ? andThen(ids.add(key, run.arrivedAt), () => ending) : ending,
      );
    });
  };
}
