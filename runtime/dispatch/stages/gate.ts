import type { Ending } from "../delivery/ending.ts";
import type { ExclusiveGate } from "../delivery/exclusive_gate.ts";
import { aloneInTime, mayStillRun } from "../delivery/hold_limit.ts";
import type { Run } from "../delivery/run.ts";
import { andThen, type MaybePromise } from "../delivery/maybe_promise.ts";
import type { Handle, Stage } from "./stage.ts";

/** Runs messages at the same time as others, but a message that may have ended a process alone. */
export function throughGate(gate: ExclusiveGate): Stage {
  return (next: Handle) => {
    const alone = async (run: Run): Promise<Ending> => {
      run.isAlone = true;
      return await aloneInTime(gate, run, () => next(run)) ?? { kind: "abandoned" };
    };
    const beside = (run: Run): MaybePromise<Ending> => {
      gate.enter();
      return andThen(next(run), (ending) => {
        gate.leave();
        return ending.kind === "suspect" ? alone(run) : ending;
      });
    };
    const later = async (run: Run): Promise<Ending> => {
      while (gate.closed) {
        if (!await mayStillRun(run, gate.closed)) return { kind: "abandoned" };
      }
      return await beside(run);
    };
    return (run) => {
      if (run.isSuspect || run.crashes > 0) return alone(run);
      return gate.closed ? later(run) : beside(run);
    };
  };
}
