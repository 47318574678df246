import type { Declared } from "../../core/declared.ts";
import { describeError, RpcError, stackOf } from "../../core/api/errors.ts";
import { timeText } from "../../core/schedule/tick.ts";
import type { Ending } from "../delivery/ending.ts";
import type { Run } from "../delivery/run.ts";
import { lineOf, type SettleParts } from "./settle.ts";

/** Emits the event for a delivery that ended after `ms` milliseconds. */
export function report(
  ending: Ending,
  run: Run,
  ms: number,
  { declared, emit }: Pick<SettleParts, "declared" | "emit">,
): void {
  const { message: { id: messageId }, attempt, batch } = run;
  if (ending.kind === "returned") {
    const handled = { event: "handled", function: declared.name, messageId, run, attempt, ms } as const;
    return emit(batch > 0 ? { ...handled, batch } : handled);
  }
  const about = { function: declared.name, messageId, run } as const;
  if (ending.kind === "duplicate") emit({ event: "duplicate", ...about });
  if (ending.kind === "superseded") emit({ event: "superseded", ...about });
  if (ending.kind === "stale") {
    const at = timeText(ending.due);
    emit({
      event: "skipped",
      function: declared.name,
      from: at,
      to: at,
      why: "it waited too long for its run",
    });
  }
  if (ending.kind === "expired") emit({ event: "expired", ...about, attempt, ms });
  if (!("error" in ending)) return;
  const error = describeError(ending.error);
  const where = isCallers(ending.error, declared)
    ? { byCaller: true } as const
    : { at: lineOf(ending.error, declared), stack: stackOf(ending.error) };
  emit({ event: "failed", ...about, attempt, ms, error, ...where, ...batch > 0 ? { batch } : {} });
}

// As in HTTP, 400 to 499 mean that the request was wrong.
function isCallers(error: unknown, { trigger }: Declared): boolean {
  return trigger.kind === "rpc" && error instanceof RpcError && error.status >= 400 && error.status < 500;
}
