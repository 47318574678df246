import { Deadlines } from "../core/deadlines.ts";
import type { Host, Work } from "../core/ports/host.ts";
import type { Outcome } from "../core/ports/outcome.ts";
import { RunTimeout } from "../core/ports/run_errors.ts";
import { type Executable, execute } from "./execute/execute.ts";
import { RunSignal } from "./execute/run_signal.ts";
import type { InlineState } from "./inline_state.ts";

/**
 * Runs a handler inside the runtime, with all permissions of the runtime. When a run's time is over, its signal aborts
 * and the run has failed. The handler itself cannot be stopped. `state` is what the function's setup
 * makes, if it has one.
 */
export function inlineHost(code: Executable, timeout: number, state?: InlineState): Host {
  const deadlines = new Deadlines(timeout);
  const run = (work: Work): Outcome | Promise<Outcome> => {
    const signal = new RunSignal();
    const outcome = execute(code, work, signal, state?.value);
    return outcome instanceof Promise ? limited(outcome, work, signal, timeout, deadlines) : outcome;
  };
  return {
    get live() {
      return state?.isMade ?? true;
    },
    prepare: async () => await state?.make(),
    run: (work) => state === undefined ? run(work) : state.use(() => run(work)).catch(unavailable),
    giveUp: (reason) => deadlines.giveUp(reason),
    async close() {
      deadlines.close();
      await state?.close();
    },
  };
}

function unavailable(error: unknown): Outcome {
  return { kind: "unavailable", error };
}

function limited(
  running: Promise<Outcome>,
  { callerUntil }: Work,
  signal: RunSignal,
  timeout: number,
  deadlines: Deadlines,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const ms = callerUntil === Infinity
      ? timeout
      : Math.min(timeout, Math.ceil(callerUntil - performance.now()));
    const run = {
      timeOut: () => {
        const error = new RunTimeout(ms);
        abort({ kind: "failed", error }, error);
      },
      giveUp: (reason: unknown) => abort({ kind: "abandoned" }, reason),
    };
    const end = (outcome: Outcome) => {
      deadlines.delete(deadline);
      resolve(outcome);
    };
    const abort = (outcome: Outcome, reason: unknown) => {
      end(outcome);
      signal.abort(reason);
    };
    const deadline = deadlines.add(run, ms);
    running.then(end);
  });
}
