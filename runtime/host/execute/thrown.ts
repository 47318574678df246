import { parseDuration } from "../../core/api/duration.ts";
import { Reject, Retry, RpcError } from "../../core/api/errors.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { sendableError } from "./output.ts";

/** How a run ends whose handler threw. */
export function failed(error: unknown): Outcome {
  if (error instanceof Reject) return { kind: "rejected", error };
  if (error instanceof Retry) return { kind: "retry", error, after: parseDuration(error.after) };
  try {
    return { kind: "failed", error: error instanceof RpcError ? sendableError(error) : error };
  } catch (cause) {
    // Reading the error's data may throw too.
    return { kind: "failed", error: cause };
  }
}

/** Whether a value can be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
