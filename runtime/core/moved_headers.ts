/** Headers that Hopper writes on a message it moves, and reads when it comes back. */
export const movedHeaders = {
  attempts: "x-hopper-attempts",
  exchange: "x-hopper-exchange",
  routingKey: "x-hopper-routing-key",
  replays: "x-hopper-replays",
  crashes: "x-hopper-crashes",
} as const;

/** Headers that only a dead letter bears, beside those. */
export const deadLetterHeaders = {
  error: "x-hopper-error",
  function: "x-hopper-function",
  source: "x-hopper-source",
  failedAt: "x-hopper-failed-at",
} as const;
