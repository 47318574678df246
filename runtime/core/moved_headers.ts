/** Headers that Hopper writes on a message it moves, and reads when it comes back. */
export const movedHeaders = {
  attempts: "x-hopper-attempts",
  exchange: "x-hopper-exchange",
  routingKey: "x-hopper-routing-key",
  replays: "x-hopper-replays",
  crashes: "x-hopper-crashes",
  suspect: "x-hopper-suspect",
  /** The sender's own `expiration`, in milliseconds. */
  expiration: "x-hopper-expiration",
  /** The sender's delivery mode, 0 for none, where that was not 2: what is moved is kept. */
  deliveryMode: "x-hopper-delivery-mode",
  /** The sender's user id, which the broker takes from nobody else: for people, as anybody may write this. */
  userId: "x-hopper-user-id",
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

// CC and BCC would send copies to the queues they name; the count is a quorum queue's own, and would be read as another's.
const leftBehind: readonly string[] = ["CC", "BCC", "x-delivery-count", unreadableHeader];

/** A message's headers as they go along when it is moved. */
export function carriedHeaders(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !leftBehind.includes(name)));
}
