import type { IdStore } from "./id_store.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Stage } from "./stage.ts";

/** Does not run a message whose id was handled before. Messages without an id always run. */
export function onceForEachId(ids: IdStore): Stage {
  return (next) => (run) => {
    const { key } = run;
    if (key === undefined) return next(run);
    if (ids.has(key)) return { kind: "duplicate" };
    return andThen(next(run), (ending) => {
      if (ending.kind === "returned") ids.add(key);
      return ending;
    });
  };
}
