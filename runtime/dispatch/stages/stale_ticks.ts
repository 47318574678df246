import type { CatchUp } from "../../core/api/schedule.ts";
import { isStale } from "../../core/schedule/due.ts";
import type { Recurrence } from "../../core/schedule/recurrence.ts";
import { dueIn } from "../../core/schedule/tick.ts";
import type { Stage } from "./stage.ts";

/** Does not run a tick that waited until the next one was due. A tick whose run has begun before is run again. */
export function whileFresh(recurrence: Recurrence, catchUp: CatchUp): Stage {
  return (next) => (run) => {
    const isNew = run.attempt === 1 && !run.message.redelivered;
    const due = isNew ? dueIn(run.message.body) : undefined;
    return due !== undefined && isStale(recurrence, catchUp, due, Date.now())
      ? { kind: "stale", due }
      : next(run);
  };
}
