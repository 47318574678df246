/** Headers that Hopper writes on a message it moves, and reads when it comes back. */
export const movedHeaders = {
  attempts: "x-hopper-attempts",
  exchange: "x-hopper-exchange",
  routingKey: "x-hopper-routing-key",
  replays: "x-hopper-replays",
  crashes: "x-hopper-crashes",
  suspect: "x-hopper-suspect",
} as const;

/** Headers that only a dead letter bears, beside those. */
export const deadLetterHeaders = {
  error: "x-hopper-error",
  at: "x-hopper-error-at",
  function: "x-hopper-function",
  source: "x-hopper-source",
  failedAt: "x-hopper-failed-at",
  /** Why the message's own headers are not there. */
  dropped: "x-hopper-dropped",
} as const;

// CC and BCC would send copies to the queues they name; the count is a quorum queue's own, and would be read as another's.
const leftBehind: readonly string[] = ["CC", "BCC", "x-delivery-count"];

/** Whether a header of this name goes along when a message is moved. */
export function goesAlong(name: string): boolean {
  return !leftBehind.includes(name);
}
