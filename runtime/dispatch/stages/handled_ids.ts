import type { IdStore } from "./id_store.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Stage } from "./stage.ts";

/** Runs no message whose id is remembered as handled; a message without an id is remembered by none. */
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
