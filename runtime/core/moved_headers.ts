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

/** The only header of a message whose headers cannot be read: says why. Whoever sends it has its message refused. */
export const unreadableHeader = "x-hopper-unreadable";

// CC and BCC would send copies to the queues they name; the counts are a quorum queue's own, and would be read as another's.
const leftBehind: readonly string[] = ["CC", "BCC", "x-delivery-count", "x-acquired-count", unreadableHeader];

/** A message's headers as they go along when it is moved. */
export function carriedHeaders(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !leftBehind.includes(name)));
}
