import type { Caller } from "../core/api/context.ts";
import type { Declared } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import type { Recent } from "../core/recent.ts";
import type { Background } from "./delivery/background.ts";
import { ExclusiveGate } from "./delivery/exclusive_gate.ts";
import { setAsideSuspects } from "./poison/set_aside.ts";
import { markRun } from "./poison/mark_run.ts";
import type { RunMarkers } from "./poison/run_markers.ts";
import { giveBackUnmarked } from "./poison/unmarked.ts";
import { watchesForPoison } from "./poison/policy.ts";
import type { IdStore } from "./stages/id_store.ts";
import { untilItCounts } from "./stages/attempts.ts";
import { throughGate } from "./stages/gate.ts";
import { onceForEachId } from "./stages/handled_ids.ts";
import { type InFlight, onceAtATime } from "./stages/in_flight.ts";
import { publishOutput } from "./stages/publish_output.ts";
import { rpcErrors } from "./stages/rpc_errors.ts";
import { compose, type Handle } from "./stages/stage.ts";
import { stillWanted } from "./stages/wanted.ts";
import type { Suspicion } from "./poison/suspicion.ts";

/** What a function's stages are made of. */
export interface PipelineParts {
  readonly declared: Declared;
  readonly host: Host;
  /** What its output is published with. */
  readonly caller: Caller;
  readonly inFlight: InFlight;
  /** Ids of messages that were handled, where the function's `dedupe` setting wants them remembered. */
  readonly handled: IdStore | undefined;
  /** Which suspects are being run. */
  readonly markers: RunMarkers;
  readonly suspicion: Suspicion;
  /** What this process has had. */
  readonly received: Recent;
  readonly background: Background;
  readonly emit: Emit;
  /** Aborted when the runtime will wait no longer. */
  readonly stop: AbortSignal;
}

/** What happens to a function's deliveries between being read and being settled, in this order. */
export function pipelineOf(parts: PipelineParts): Handle {
  const { declared: { name, trigger, settings }, host, caller, inFlight, handled, markers } = parts;
  const { background, emit, stop } = parts;
  const isRpc = trigger.kind === "rpc";
  const isWatched = watchesForPoison(settings);
  // By hand its handler decides what becomes of a message.
  const isAuto = settings.ack === "auto";
  const giveBackLater = giveBackUnmarked(name, emit, stop);
  return compose([
    isWatched && setAsideSuspects({ ...parts, settings, giveBackLater }),
    isAuto && onceAtATime({ inFlight, settings, isRpc, stop }),
    handled && onceForEachId(handled),
    throughGate(new ExclusiveGate(), settings),
    isWatched && markRun(markers, giveBackLater, background),
    stillWanted(isRpc, stop),
    isRpc && rpcErrors,
    publishOutput(settings, caller),
    untilItCounts(settings, stop),
  ], (run) => host.run(run));
}
