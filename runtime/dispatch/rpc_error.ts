import { RpcError } from "../core/errors.ts";
import { HostEnded, HostUnavailable, RunTimeout } from "../core/run_errors.ts";

/** The error an rpc's caller is sent for a run that did not come to its end. */
export function asRpcError(error: unknown): unknown {
  if (error instanceof RunTimeout) return new RpcError("TIMEOUT", { detail: error.message, status: 504 });
  if (error instanceof HostUnavailable) {
    return new RpcError("FUNCTION_UNAVAILABLE", { detail: error.message, status: 503 });
  }
  return error instanceof HostEnded ? new RpcError("PROCESS_ENDED", { detail: error.message }) : error;
}
