import type { Declared } from "../core/declared.ts";
import type { Emit } from "../core/ports/events.ts";
import type { Host } from "../core/ports/host.ts";
import type { Tracing } from "../core/ports/trace.ts";
import type { Recent } from "../core/recent.ts";
import type { Availability } from "./availability.ts";
import type { Background } from "./delivery/background.ts";
import { ExclusiveGate } from "./delivery/exclusive_gate.ts";
import { setAsideSuspects } from "./poison/set_aside.ts";
import { markRun } from "./poison/mark_run.ts";
import type { RunMarkers } from "./poison/run_markers.ts";
import { giveBackUnmarked } from "./poison/unmarked.ts";
import { watchesForPoison } from "./poison/policy.ts";
import type { Batches } from "./stages/batches.ts";
import type { IdStore } from "./stages/id_store.ts";
import type { Pace } from "./rate/pace.ts";
import { atRate } from "./stages/at_rate.ts";
import { untilItCounts } from "./stages/attempts.ts";
import { whileAvailable } from "./stages/available.ts";
import { throughGate } from "./stages/gate.ts";
import { onceForEachId } from "./stages/handled_ids.ts";
import { type InFlight, onceAtATime } from "./stages/in_flight.ts";
import { publishOutput } from "./stages/publish_output.ts";
import { rpcErrors } from "./stages/rpc_errors.ts";
import { compose, type Handle } from "./stages/stage.ts";
import { traced } from "./stages/traced.ts";
import { whileFresh } from "./stages/stale_ticks.ts";
import { stillWanted } from "./stages/wanted.ts";
import type { Suspicion } from "./poison/suspicion.ts";

/** What a function's stages need. */
export interface PipelineParts {
  readonly declared: Declared;
  readonly host: Host;
  readonly availability: Availability;
  readonly inFlight: InFlight;
  /** When runs may begin, if the function has a rate. */
  readonly pace: Pace | undefined;
  /** The ids of handled messages, if the function's `dedupe` setting wants them remembered. */
  readonly handled: IdStore | undefined;
  /** Which suspects are running. */
  readonly markers: RunMarkers;
  readonly suspicion: Suspicion;
  /** The messages that this process has received. */
  readonly received: Recent;
  readonly background: Background;
  /** Runs messages in batches, if the function's `batch` setting wants that. */
  readonly batches: Batches | undefined;
  /** Makes spans, if this runtime traces. */
  readonly tracing: Tracing | undefined;
  readonly emit: Emit;
  /** Aborts when the runtime stops and waits no longer. */
  readonly stop: AbortSignal;
}

/** The stages that a function's deliveries pass, in this order, after they are read and before they are settled. */
export function pipelineOf(parts: PipelineParts): Handle {
  const { declared: { name, trigger, settings, recurrence }, host, inFlight, pace, handled } = parts;
  const { markers, batches } = parts;
  const { availability, background, tracing, emit, stop } = parts;
  const isRpc = trigger.kind === "rpc";
  const isWatched = watchesForPoison(settings);
  // Under `ack: "manual"` the handler decides what happens to a message.
  const isAuto = settings.ack === "auto";
  const giveBackLater = giveBackUnmarked(name, emit, stop);
  return compose(
    [
      isRpc && rpcErrors,
      whileAvailable(availability, isRpc ? "answered" : settings.ack === "none" ? "held" : "returned"),
      recurrence && whileFresh(recurrence, settings.catchUp),
      isWatched && setAsideSuspects({ ...parts, settings, giveBackLater }),
      isAuto && onceAtATime({ inFlight, isRpc, stop }),
      handled && onceForEachId(handled),
      throughGate(new ExclusiveGate(() => batches?.hurry())),
      isWatched && markRun(markers, giveBackLater, background),
      stillWanted(isRpc, stop),
      tracing && traced(tracing, name),
      publishOutput(settings),
      untilItCounts(stop),
      pace && atRate(pace, availability, stop),
    ],
    batches?.handle ?? ((run) => {
      emit({ event: "started", function: name, messageId: run.message.id, run });
      return host.run(run);
    }),
  );
}
