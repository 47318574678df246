import { RpcError } from "../../core/api/errors.ts";
import { HostEnded, HostUnavailable, RunTimeout, SetupFailed } from "../../core/ports/run_errors.ts";
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
  if (error instanceof SetupFailed) {
    // What it says of its cause, such as a database's address, is for the log and not for callers.
    return new RpcError("SETUP_FAILED", { detail: "The function's setup failed", status: 503, cause: error });
  }
  return error instanceof HostEnded ? new RpcError("PROCESS_ENDED", { detail: error.message }) : error;
}
