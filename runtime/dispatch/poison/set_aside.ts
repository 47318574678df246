import type { Recent } from "../../core/recent.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { type Ending, Poison } from "../delivery/ending.ts";
import { maxCrashes, notedCrashes, tokenOf } from "./policy.ts";
import type { Run } from "../delivery/run.ts";
import type { Stage } from "../stages/stage.ts";
import type { Suspicion } from "./suspicion.ts";
import type { RunMarkers } from "./run_markers.ts";
import type { GiveBackLater } from "./unmarked.ts";

/** What is needed to set a function's suspects aside. */
export interface SetAsideParts {
  readonly settings: Resolved;
  /** Which suspects are running. */
  readonly markers: RunMarkers;
  readonly suspicion: Suspicion;
  /** The messages that this process has received. None of them has ended it. */
  readonly received: Recent;
  readonly giveBackLater: GiveBackLater;
}

/**
 * Keeps a message that may have ended the runtime away from all others. It moves to the queue of suspects, where the
 * processes that it ends are counted. When there are too many, it becomes a dead letter.
 */
export function setAsideSuspects(
  { settings, markers, suspicion, received, giveBackLater }: SetAsideParts,
): Stage {
  /** Whether a suspect was running when another process ended. */
  const endedProcess = async (run: Run, token: string): Promise<boolean> =>
    run.delivery.redelivered && !received.has(token) && await markers.has(token);

  const judge = async (run: Run, token: string): Promise<Ending | undefined> => {
    const ended = await endedProcess(run, token);
    received.add(token);
    if (!ended) return undefined;
    const crashes = notedCrashes(run.delivery) + 1;
    return crashes < maxCrashes(settings)
      ? { kind: "set-aside", crashes }
      : { kind: "rejected", error: new Poison(crashes) };
  };

  return (next) => {
    const suspect = async (run: Run): Promise<Ending> => {
      const token = tokenOf(run.delivery);
      // Without a token nobody could know whether it was running, so it is moved once more, to get one.
      if (token === undefined) return { kind: "set-aside", crashes: notedCrashes(run.delivery) };
      let judged: Ending | undefined;
      try {
        judged = await judge(run, token);
      } catch (error) {
        return await giveBackLater(error);
      }
      return judged ?? await next(run);
    };
    return (run) => {
      const known = run.key !== undefined && received.has(run.key);
      if (!run.isSuspect && !known && suspicion.of(run.delivery)) return { kind: "set-aside", crashes: 1 };
      if (run.key !== undefined) received.add(run.key);
      return run.isSuspect ? suspect(run) : next(run);
    };
  };
}
