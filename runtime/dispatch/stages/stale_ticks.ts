import type { CatchUp } from "../../core/api/schedule.ts";
import { isStale } from "../../core/schedule/due.ts";
import type { Recurrence } from "../../core/schedule/recurrence.ts";
import { dueIn } from "../../core/schedule/tick.ts";
import type { Stage } from "./stage.ts";

/**
 * Does not run a tick that waited until the next one was due. One whose run has begun before is run again, and so is one
 * that somebody sent to the queue itself, to replay it, say.
 */
export function whileFresh(recurrence: Recurrence, catchUp: CatchUp): Stage {
  return (next) => (run) => {
    const { exchange, redelivered, body } = run.delivery;
    const due = exchange === "" || redelivered ? undefined : dueIn(body);
    return due !== undefined && isStale(recurrence, catchUp, due, Date.now())
      ? { kind: "stale", due }
      : next(run);
  };
}
