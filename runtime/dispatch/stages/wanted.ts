import { unreadableHeaders } from "../delivery/arrival.ts";
import type { Stage } from "./stage.ts";

/** Runs only what somebody still waits for, while the runtime waits for it, and what can be read. */
export function stillWanted(isRpc: boolean, stop: AbortSignal): Stage {
  return (next) => (run) => {
    if (run.expired) return { kind: "expired" };
    if (stop.aborted) return { kind: "abandoned" };
    const unreadable = unreadableHeaders(run.headers, isRpc);
    return unreadable ? { kind: "rejected", error: unreadable } : next(run);
  };
}
