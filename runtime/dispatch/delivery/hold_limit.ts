import { maxRunMs } from "../../core/settings/run_limits.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import type { ExclusiveGate } from "./exclusive_gate.ts";
import type { Run } from "./run.ts";
import type { MaybePromise } from "./maybe_promise.ts";

/*
 * A broker takes back what is not acknowledged within its consumer_timeout, and closes the channel over it, with all
 * that is in flight there. So a message is here no longer than `maxHereMs`: run or given back to its queue.
 */

/** Milliseconds from a delivery's arrival by which it has to be settled. */
export function maxHereMs({ consumerTimeout }: Resolved): number {
  return consumerTimeout * 0.95;
}

/** Milliseconds from a delivery's arrival by which its run has to begin. */
export function maxWaitMs(settings: Resolved): number {
  return maxHereMs(settings) - maxRunMs(settings);
}

/**
 * Waits for something before a run, or before it is settled with it; one that would wait too long goes back to its
 * queue. Says whether its message is still here.
 */
export async function mayStillRun(
  run: Run,
  what: Promise<unknown>,
  settings: Resolved,
): Promise<boolean> {
  if (settings.ack === "none") {
    await what;
    return true;
  }
  const until = run.arrivedAt + maxWaitMs(settings);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      run.giveBack();
      resolve();
    }, Math.max(0, until - performance.now()));
  });
  await Promise.race([what, late]);
  clearTimeout(timer);
  return run.here;
}

/**
 * Does work for a message with nothing beside it; where it would have to wait too long for that, the message goes back
 * to its queue and there is no result.
 */
export async function aloneInTime<Result>(
  gate: ExclusiveGate,
  run: Run,
  settings: Resolved,
  work: () => MaybePromise<Result>,
): Promise<Result | undefined> {
  const { promise: alone, resolve } = Promise.withResolvers<void>();
  const inTime = mayStillRun(run, alone, settings);
  return await gate.alone(async () => {
    resolve();
    return await inTime ? await work() : undefined;
  });
}
