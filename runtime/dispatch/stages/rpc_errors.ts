import { RpcError } from "../../core/api/errors.ts";
import { HostEnded, HostUnavailable, RunTimeout } from "../../core/ports/run_errors.ts";
import { andThen } from "../delivery/maybe_promise.ts";
import type { Stage } from "./stage.ts";

/** Converts an rpc's error into the one that its caller gets. A failed rpc is not tried again. */
export const rpcErrors: Stage = (next) => (run) =>
  andThen(
    next(run),
    (ending) => "error" in ending ? { kind: "failed", error: asRpcError(ending.error) } : ending,
  );

function asRpcError(error: unknown): unknown {
  if (error instanceof RunTimeout) return new RpcError("TIMEOUT", { detail: error.message, status: 504 });
  if (error instanceof HostUnavailable) {
    return new RpcError("FUNCTION_UNAVAILABLE", { detail: error.message, status: 503 });
  }
  return error instanceof HostEnded ? new RpcError("PROCESS_ENDED", { detail: error.message }) : error;
}
