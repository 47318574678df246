import { addressText } from "../../core/address.ts";
import { describeError } from "../../core/api/errors.ts";
import type { Emit } from "../../core/ports/events.ts";
import type { Inspection } from "../../core/ports/inspection.ts";
import type { Outcome } from "../../core/ports/outcome.ts";
import { HostUnavailable, SetupFailed } from "../../core/ports/run_errors.ts";
import { announceInspector, inspectorFor, type InspectorSpec } from "./inspector.ts";
import type { Instance } from "./instance.ts";
import type { HostProcess } from "./process.ts";
import { type FunctionToStart, startFunction } from "./start_function.ts";

/** A function whose process may be one for a debugger. */
export interface ProcessToStart extends FunctionToStart {
  readonly emit: Emit;
  /** If it runs under the inspector. */
  readonly inspection?: Inspection;
}

/**
 * Starts a process and loads a function in it; if a debugger shall look at it, says where. Rejects with
 * `HostUnavailable`, also when `stop` aborts.
 */
export async function startProcess(
  parts: ProcessToStart,
  links: readonly string[],
  stop: AbortSignal,
): Promise<HostProcess> {
  const { declared: { name }, inspection, emit } = parts;
  if (inspection === undefined) return await startFunction({ ...parts, stop }, links);
  const inspector = inspectorOf(inspection);
  const over = new AbortController();
  announceInspector(name, inspector, emit, over.signal);
  try {
    const process = await startFunction({ ...parts, inspector, stop }, links);
    process.ended.then(() => over.abort());
    return process;
  } catch (error) {
    over.abort();
    throw error;
  }
}

function inspectorOf(inspection: Inspection): InspectorSpec {
  try {
    return inspectorFor(inspection);
  } catch (error) {
    const address = addressText(inspection);
    throw new HostUnavailable(`no inspector can listen on ${address}: ${describeError(error)}`);
  }
}

/** What making a function's state takes. */
export interface StateToMake {
  /** How long it may take, in milliseconds. */
  readonly ms: number;
  readonly stop: AbortSignal;
  /** Adds to a missing permission's error what to write. */
  readonly explain: (outcome: Outcome) => Outcome;
}

/** Makes a function's state in its process. If that fails, ends the process, and rejects with `SetupFailed`. */
export async function makeState(instance: Instance, { ms, stop, explain }: StateToMake): Promise<void> {
  const onStop = () => void instance.abandon();
  stop.addEventListener("abort", onStop, { once: true });
  try {
    if (stop.aborted) onStop();
    await instance.state.make(ms);
  } catch (error) {
    await instance.abandon();
    if (stop.aborted) throw new HostUnavailable("the function is stopping");
    const explained = explain({ kind: "failed", error });
    throw new SetupFailed("error" in explained ? explained.error : error);
  } finally {
    stop.removeEventListener("abort", onStop);
  }
}
