import type { Headers } from "./headers.ts";

/** Headers that Hopper adds to a message when it moves it, and reads when the message comes back. */
export const movedHeaders = {
  attempts: "x-hopper-attempts",
  exchange: "x-hopper-exchange",
  routingKey: "x-hopper-routing-key",
  replays: "x-hopper-replays",
  crashes: "x-hopper-crashes",
  suspect: "x-hopper-suspect",
  /** The key by which it was put into its shard. */
  key: "x-hopper-key",
  /** The sender's own `expiration`, in milliseconds. */
  expiration: "x-hopper-expiration",
  /** How much of it is left when the message is back, in milliseconds. */
  left: "x-hopper-expires-in",
  /** A process's clock, and its time when nothing is left. */
  clock: "x-hopper-expires-by",
  /** The sender's delivery mode (0 for none), if it was not 2: a moved message is always persistent. */
  deliveryMode: "x-hopper-delivery-mode",
  /** The sender's user id, because the broker takes that property only from the user itself. Anybody can write this
   * header, so it is only for people to read. */
  userId: "x-hopper-user-id",
  /** The broker's own headers about earlier dead-lettering, which it would otherwise overwrite. */
  deaths: "x-hopper-deaths",
} as const;

/** Headers that only a dead letter has. */
export const deadLetterHeaders = {
  error: "x-hopper-error",
  at: "x-hopper-error-at",
  function: "x-hopper-function",
  source: "x-hopper-source",
  failedAt: "x-hopper-failed-at",
  /** The queue belonged to one instance, and was deleted with it. */
  exclusive: "x-hopper-exclusive",
  /** Why the message's own headers are missing. */
  dropped: "x-hopper-dropped",
} as const;

/**
 * Keeps headers with these names that a message had before it was moved: it was a dead letter already, or its sender
 * uses such names. They are put back when the message comes back.
 */
export const earlierHeader = "x-hopper-earlier";

// CC and BCC would send copies to other queues. The counts belong to the quorum queue that the message leaves.
const leftBehind: readonly string[] = ["CC", "BCC", "x-delivery-count", "x-acquired-count"];

// These two are never put back: replays are counted across all moves, and lost headers stay lost.
const { replays: _, ...overwritten } = movedHeaders;
const { dropped: __, ...aboutDeath } = deadLetterHeaders;
const setAside = new Set<string>([
  ...Object.values(overwritten),
  ...Object.values(aboutDeath),
  earlierHeader,
]);

/** The headers of a message that is moved. Those with Hopper's names are set aside in `earlierHeader`. */
export function carriedHeaders(headers: Headers): Headers {
  return headers.filter(goesAlong).nest(earlierHeader, (name) => setAside.has(name));
}

/** The headers as they were before the message was moved. */
export function originalHeaders(headers: Headers): Headers {
  return headers.filter((name) => name === earlierHeader || !setAside.has(name)).unnest(earlierHeader);
}

/**
 * The headers of a dead letter that goes back to its queue. Its runs are counted from 1 again, and the replay is counted.
 */
export function replayedHeaders(headers: Headers): Headers {
  const removed: readonly string[] = [...Object.values(aboutDeath), movedHeaders.attempts];
  return countReplay(headers, headers.filter((name) => !removed.includes(name)));
}

/** The headers of a dead letter that goes back to the exchange it was published to. */
export function republishedHeaders(headers: Headers): Headers {
  return countReplay(headers, originalHeaders(headers));
}

/** The headers of a message that is replayed once more than `before` says. */
export function countReplay(before: Headers, headers: Headers): Headers {
  const replays = before.get(movedHeaders.replays);
  return headers.filter(goesAlong).with({
    [movedHeaders.replays]: (typeof replays === "number" ? replays : 0) + 1,
  });
}

/** Whether a message with these headers was replayed, and is not a dead letter itself. */
export function wasReplayed(headers: Headers): boolean {
  return headers.has(movedHeaders.replays) && !headers.has(deadLetterHeaders.failedAt);
}

function goesAlong(name: string): boolean {
  return !leftBehind.includes(name);
}

/** The headers that a broker writes when a queue dead-letters a message. */
export const deathHeaders: readonly string[] = [
  "x-death",
  ...["first", "last"].flatMap((which) =>
    ["queue", "reason", "exchange"].map((part) => `x-${which}-death-${part}`)
  ),
];

/**
 * The headers, with the broker's death headers kept in one of Hopper's own. RabbitMQ 4 ignores those that a publisher
 * sends, and overwrites them when a message expires.
 */
export function withDeathsKept(headers: Headers): Headers {
  return headers.nest(movedHeaders.deaths, (name) => deathHeaders.includes(name));
}

/** The headers, with the death headers that were kept under their own names again. */
export function withDeathsRestored(headers: Headers): Headers {
  if (!headers.has(movedHeaders.deaths)) return headers;
  return headers.filter((name) => !deathHeaders.includes(name)).unnest(movedHeaders.deaths);
}
