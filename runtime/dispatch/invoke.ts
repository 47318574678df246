import type { Context } from "../core/context.ts";
import { HopperError, Reject, RpcError } from "../core/errors.ts";
import type { Host } from "../core/host.ts";
import type { Outcome } from "../core/outcome.ts";

/** A run took longer than the function's `timeout`, or than its caller would wait. */
export class RunTimeout extends HopperError {
  /** `ms` is what the run was allowed. */
  constructor(ms: number) {
    super("TIMEOUT", `The run took longer than ${ms} ms`);
  }
}

/** How long a run may take and who may end it earlier. */
export interface Limits {
  /** Milliseconds. */
  readonly ms: number;
  /** Aborted when the runtime will wait no longer. */
  readonly stop: AbortSignal;
}

/**
 * Runs a handler until it ends, its time is over, or the runtime gives up. `contextFor` is given the signal that
 * tells the handler.
 */
export async function invoke(
  host: Host,
  input: unknown,
  contextFor: (signal: AbortSignal) => Context,
  { ms, stop }: Limits,
): Promise<Outcome> {
  if (stop.aborted) return { kind: "abandoned" };
  const controller = new AbortController();
  const { promise: ended, resolve } = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => {
    const error = new RunTimeout(ms);
    resolve({ kind: "failed", error });
    controller.abort(error);
  }, ms);
  const onStop = () => {
    resolve({ kind: "abandoned" });
    controller.abort(stop.reason);
  };
  stop.addEventListener("abort", onStop);
  try {
    host.run(input, contextFor(controller.signal)).then(
      (output) => resolve({ kind: "returned", output }),
      (error) => resolve({ kind: error instanceof Reject ? "rejected" : "failed", error }),
    );
    return await ended;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
  }
}

/** The error an rpc's caller is sent for a run that was out of time. */
export function asRpcError(error: unknown): unknown {
  return error instanceof RunTimeout
    ? new RpcError("TIMEOUT", { detail: error.message, status: 504 })
    : error;
}
