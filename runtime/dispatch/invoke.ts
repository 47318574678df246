import type { Context } from "../core/context.ts";
import { parseDuration } from "../core/duration.ts";
import { HopperError, Reject, Retry, RpcError } from "../core/errors.ts";
import type { Host } from "../core/host.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Deadlines } from "./deadlines.ts";
import type { RunSignal } from "./run_signal.ts";

/** A run took longer than the function's `timeout`, or than its caller would wait. */
export class RunTimeout extends HopperError {
  /** `ms` is what the run was allowed. */
  constructor(ms: number) {
    super("TIMEOUT", `The run took longer than ${ms} ms`);
  }
}

/** How long a run may take and who may end it earlier. */
export interface Limits {
  /** Milliseconds that the function's runs may take. */
  readonly ms: number;
  readonly deadlines: Deadlines;
  /** Milliseconds that this run may take, where its caller waits less. */
  readonly callerMs: number;
}

/** Runs a handler until it ends, its time is over, or the runtime gives up; `signal` tells the handler. */
export function invoke(
  host: Host,
  input: unknown,
  context: Context,
  signal: RunSignal,
  limits: Limits,
): Outcome | Promise<Outcome> {
  try {
    const output = host.run(input, context);
    return output instanceof Promise ? awaitOutput(output, signal, limits) : { kind: "returned", output };
  } catch (error) {
    return failed(error);
  }
}

/** The error an rpc's caller is sent for a run that was out of time. */
export function asRpcError(error: unknown): unknown {
  return error instanceof RunTimeout
    ? new RpcError("TIMEOUT", { detail: error.message, status: 504 })
    : error;
}

function awaitOutput(output: Promise<unknown>, signal: RunSignal, limits: Limits): Promise<Outcome> {
  const { ms, deadlines, callerMs } = limits;
  return new Promise((resolve) => {
    const run = {
      timeOut: () => abort({ kind: "failed", error: new RunTimeout(ms) }),
      giveUp: (reason: unknown) => abort({ kind: "abandoned" }, reason),
    };
    const callerTimer = callerMs < ms
      ? setTimeout(() => abort({ kind: "failed", error: new RunTimeout(callerMs) }), callerMs)
      : undefined;
    const end = (outcome: Outcome) => {
      deadlines.delete(run);
      if (callerTimer !== undefined) clearTimeout(callerTimer);
      resolve(outcome);
    };
    const abort = (outcome: Outcome, reason: unknown = "error" in outcome ? outcome.error : undefined) => {
      end(outcome);
      signal.abort(reason);
    };
    deadlines.add(run);
    output.then((output) => end({ kind: "returned", output }), (error) => end(failed(error)));
  });
}

function failed(error: unknown): Outcome {
  if (error instanceof Reject) return { kind: "rejected", error };
  if (error instanceof Retry) return { kind: "retry", error, after: parseDuration(error.after) };
  return { kind: "failed", error };
}
