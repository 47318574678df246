import { unreadableHeaders } from "../delivery/arrival.ts";
import type { Stage } from "./stage.ts";

/** Runs a message only if it has not expired, the runtime does not stop, and its headers can be read. */
export function stillWanted(isRpc: boolean, stop: AbortSignal): Stage {
  return (next) => (run) => {
    if (run.expired) return { kind: "expired" };
    if (stop.aborted) return { kind: "abandoned" };
    const unreadable = unreadableHeaders(run.headers, isRpc);
    return unreadable ? { kind: "rejected", error: unreadable } : next(run);
  };
}
