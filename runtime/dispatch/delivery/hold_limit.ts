import { maxRunMs } from "../../core/settings/run_limits.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import type { ExclusiveGate } from "./exclusive_gate.ts";
import type { Run } from "./run.ts";
import type { MaybePromise } from "./maybe_promise.ts";

/*
 * If a message is not acknowledged within the broker's consumer_timeout, the broker closes the channel, and everything in
 * flight on it is delivered again. So a message stays here for at most `maxHereMs`; then it goes back to its queue.
 */

/** A delivery must be settled within this many milliseconds after its arrival. */
export function maxHereMs({ consumerTimeout }: Resolved): number {
  return consumerTimeout * 0.95;
}

/** A delivery's run must begin within this many milliseconds after its arrival. */
export function maxWaitMs(settings: Resolved): number {
  return maxHereMs(settings) - maxRunMs(settings);
}

/**
 * Waits for `what` before a run. If that takes too long, the message goes back to its queue. Returns whether the message
 * is still here.
 */
export async function mayStillRun(
  run: Run,
  what: Promise<unknown>,
): Promise<boolean> {
  if (run.beginBy === Infinity) {
    await what;
    return true;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      run.giveBack();
      resolve();
    }, Math.max(0, run.beginBy - performance.now()));
  });
  await Promise.race([what, late]);
  clearTimeout(timer);
  return run.here;
}

/**
 * Does work for a message while no other work runs. If it would have to wait too long for that, the message goes back to
 * its queue, and the result is `undefined`.
 */
export async function aloneInTime<Result>(
  gate: ExclusiveGate,
  run: Run,
  work: () => MaybePromise<Result>,
): Promise<Result | undefined> {
  const { promise: alone, resolve } = Promise.withResolvers<void>();
  const inTime = mayStillRun(run, alone);
  return await gate.alone(async () => {
    resolve();
    return await inTime ? await work() : undefined;
  });
}
