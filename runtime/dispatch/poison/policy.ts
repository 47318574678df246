import type { Delivery } from "../../core/ports/amqp.ts";
import { movedHeaders } from "../../core/ports/moved_headers.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { count } from "../../core/values.ts";

/*
 * A message that ends the process it runs in takes everything beside it along, and the broker cannot tell which of
 * them it was. So what was in flight in a crash moves to a queue of its own, from which one message at a time is
 * taken: when the process ends again, only the message that ran is delivered again, and only it is counted.
 */

/**
 * Whether a function's messages are isolated after a crash of the runtime: those of a function that runs in it. By
 * hand or without acks nobody can say what ran, and where nothing is declared there are no queues for it.
 */
export function watchesForPoison({ isolate, ack, exclusive, declare }: Resolved): boolean {
  return isolate === "inline" && ack === "auto" && !exclusive && declare !== "passive";
}

/** Whether the broker's count of deliveries is one of runs: where the handler itself gives a message back. */
export function countsDeliveries({ queueType, ack }: Resolved): boolean {
  return queueType === "quorum" && ack === "manual";
}

/** Whether a process may have ended while it had this message. */
export function wasInCrash({ redelivered }: Delivery): boolean {
  return redelivered;
}

/** Processes that ended while they ran this message, as far as it is noted in it. */
export function notedCrashes({ headers }: Delivery): number {
  return count(headers.get(movedHeaders.crashes));
}

/** What a suspect's run is marked by; nothing where somebody else put it into the queue of suspects. */
export function tokenOf({ headers }: Delivery): string | undefined {
  const token = headers.get(movedHeaders.suspect);
  return typeof token === "string" && /^[0-9a-f]{8}$/.test(token) ? token : undefined;
}

/** Runs that may end their process before the message is given up. */
export function maxCrashes({ retry }: Resolved): number {
  return retry === false ? 1 : retry.attempts;
}
