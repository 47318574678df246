import type { Delivery } from "../core/link.ts";
import type { Resolved } from "../core/settings.ts";

/*
 * A broker takes back what is not acknowledged within its consumer_timeout, and closes the channel over it, with all
 * that is in flight there. So a message is here no longer than `mostHereMs`: run or given back to its queue.
 */

/** Milliseconds from a delivery's arrival by which it has to be settled. */
export function mostHereMs({ consumerTimeout }: Resolved): number {
  return consumerTimeout * 0.95;
}

/** Milliseconds from a delivery's arrival by which its run has to begin. */
export function mostWaitMs(settings: Resolved): number {
  return mostHereMs(settings) - settings.timeout;
}

/**
 * Waits for something before a delivery is run, or settled with it, until `until` at the longest: then it goes back to
 * its queue. Says whether it is still here.
 */
export async function waitHere(delivery: Delivery, what: Promise<unknown>, until: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      delivery.requeue();
      resolve();
    }, Math.max(0, until - Date.now()));
  });
  await Promise.race([what, late]);
  clearTimeout(timer);
  return delivery.open;
}
