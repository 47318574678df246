import type { Delivery } from "../../core/ports/amqp.ts";
import { movedHeaders } from "../../core/ports/moved_headers.ts";
import type { Resolved } from "../../core/settings/settings.ts";
import { count } from "../../core/values.ts";

/*
 * A message may end the process that runs it. Then all messages in flight are delivered again, and the broker cannot tell
 * which one did it. So all of them move to a separate queue, the queue of suspects, and run from there one at a time.
 * When the process ends again, only one message was running, and only that one is counted.
 */

/**
 * Whether a function is watched for messages that end the runtime: only one that runs inside it (`inline`). With manual
 * or no acknowledgements nobody knows what was running, under `declare: "passive"` there is no queue of suspects, and
 * in a shard the next messages of a key wait for a suspect, which would be moved away from them.
 */
export function watchesForPoison({ isolate, ack, exclusive, declare, sharding }: Resolved): boolean {
  if (sharding !== undefined) return false;
  return isolate === "inline" && ack === "auto" && !exclusive && declare !== "passive";
}

/** Whether the broker's count of deliveries is also a count of runs, because the handler itself gives messages back. */
export function countsDeliveries({ queueType, ack }: Resolved): boolean {
  return queueType === "quorum" && ack === "manual";
}

/** Whether a process may have ended while it held this message. */
export function wasInCrash({ redelivered }: Delivery): boolean {
  return redelivered;
}

/** How many processes ended while they ran this message, according to its headers. */
export function notedCrashes({ headers }: Delivery): number {
  return count(headers.get(movedHeaders.crashes));
}

/** The token that marks a suspect's run; `undefined` if another program sent it to the queue of suspects. */
export function tokenOf({ headers }: Delivery): string | undefined {
  const token = headers.get(movedHeaders.suspect);
  return typeof token === "string" && /^[0-9a-f]{8}$/.test(token) ? token : undefined;
}

/** How many runs of a message may end their process before it becomes a dead letter. */
export function maxCrashes({ retry }: Resolved): number {
  return retry === false ? 1 : retry.attempts;
}
