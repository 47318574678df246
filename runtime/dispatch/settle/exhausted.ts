import type { Declared } from "../../core/declared.ts";
import { describeError } from "../../core/api/errors.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { Host, Job } from "../../core/ports/host.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { exhaustedMs } from "../../core/settings/run_limits.ts";
import { Poison } from "../delivery/ending.ts";
import type { Run } from "../delivery/run.ts";
import { lineOf, type SettleParts } from "./settle.ts";

// Once more if another run ended its process; then the message moves.
const maxCalls = 2;

/** What is needed to call a function's `onExhausted`. */
export interface ExhaustedParts {
  readonly declared: Declared;
  readonly host: Pick<Host, "run">;
  readonly emit: Emit;
}

/**
 * Calls the function's `onExhausted`, if it has one. What goes wrong in it is logged. It is not called for a message
 * that has ended the runtime, and not for one that the broker delivers again anyway, as its channel is lost.
 */
export function exhaustedCall({ declared, host, emit }: ExhaustedParts): SettleParts["onExhausted"] {
  const { name, settings } = declared;
  if (settings.onExhausted === undefined) return undefined;
  const call = async (run: Run, error: unknown): Promise<Outcome> => {
    const { message, headers, attempt, caller, span } = run;
    const job: Job = {
      message,
      headers,
      attempt,
      caller,
      span,
      callerUntil: performance.now() + exhaustedMs(settings),
      exhausted: error instanceof Error ? error : new Error(describeError(error)),
      log: (level, message, data) => run.log(level, message, data),
      // It is decided already.
      settle: () => {},
    };
    for (let calls = 1;; calls++) {
      const outcome = await host.run(job);
      const isOthers = outcome.kind === "interrupted" || outcome.kind === "suspect";
      if (!isOthers || calls === maxCalls) return outcome;
    }
  };
  return async (run, error) => {
    const isHere = settings.ack === "none" || run.delivery.open;
    if (!isHere || error instanceof Poison) return;
    const outcome = await call(run, error);
    if (outcome.kind === "returned" || outcome.kind === "abandoned") return;
    const cause = "error" in outcome ? outcome.error : undefined;
    const why = cause === undefined ? "its process ended, or did not start in time" : describeError(cause);
    const at = lineOf(cause, declared);
    emit({
      event: "log",
      level: "error",
      function: name,
      messageId: run.message.id,
      run,
      message: `onExhausted failed: ${why}${at === undefined ? "" : ` (${at})`}`,
    });
  };
}
