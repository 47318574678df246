import type { Declared } from "../core/declared.ts";
import { describeError, RpcError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Run } from "./run.ts";
import { lineOf, type SettleParts } from "./settle.ts";

/** Says how a run ended that took `ms` milliseconds. */
export function report(
  outcome: Outcome,
  { message, attempt }: Run,
  ms: number,
  { declared, emit }: Pick<SettleParts, "declared" | "emit">,
): void {
  const { name } = declared;
  const { kind } = outcome;
  if (kind === "returned" || kind === "expired") {
    const event = kind === "returned" ? "handled" : "expired";
    emit({ event, function: name, messageId: message.id, attempt, ms });
  }
  if ("error" in outcome) {
    const error = describeError(outcome.error);
    const stack = outcome.error instanceof Error ? outcome.error.stack : undefined;
    const at = lineOf(outcome.error, declared);
    const about = { event: "failed", function: name, messageId: message.id, attempt, ms } as const;
    emit({ ...about, error, ...isCallers(outcome.error, declared) ? { byCaller: true } : { at, stack } });
  }
}

// As HTTP has it, 400 to 499 say that the request was wrong.
function isCallers(error: unknown, { trigger }: Declared): boolean {
  return trigger.kind === "rpc" && error instanceof RpcError && error.status >= 400 && error.status < 500;
}
