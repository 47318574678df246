import type { Headers } from "./headers.ts";

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
  /** Milliseconds that are left of it when the message is back. */
  left: "x-hopper-expires-in",
  /** A process's clock, and what that shows when nothing is left. */
  clock: "x-hopper-expires-by",
  /** The sender's delivery mode, 0 for none, where that was not 2: what is moved is kept. */
  deliveryMode: "x-hopper-delivery-mode",
  /** The sender's user id, which the broker takes from nobody else: for people, as anybody may write this. */
  userId: "x-hopper-user-id",
  /** What brokers had written of queues that let it go, where they would write that anew. */
  deaths: "x-hopper-deaths",
} as const;

/** Headers that only a dead letter bears, beside those. */
export const deadLetterHeaders = {
  error: "x-hopper-error",
  at: "x-hopper-error-at",
  function: "x-hopper-function",
  source: "x-hopper-source",
  failedAt: "x-hopper-failed-at",
  /** Its queue was one instance's alone, and went with that. */
  exclusive: "x-hopper-exclusive",
  /** Why the message's own headers are not there. */
  dropped: "x-hopper-dropped",
} as const;

/**
 * Headers with any of these names that a message bore before it was moved: a dead letter that is handled and fails, or
 * one whose sender uses such names. They stand aside until it is back.
 */
export const earlierHeader = "x-hopper-earlier";

// CC and BCC would send copies to the queues they name; the counts are a quorum queue's own, and would be read as another's.
const leftBehind: readonly string[] = ["CC", "BCC", "x-delivery-count", "x-acquired-count"];

// How often it was replayed is one count, wherever it was, and what it has lost it has lost.
const { replays: _, ...overwritten } = movedHeaders;
const { dropped: __, ...aboutDeath } = deadLetterHeaders;
const setAside = new Set<string>([
  ...Object.values(overwritten),
  ...Object.values(aboutDeath),
  earlierHeader,
]);

/** A message's headers as they go along when it is moved: those with Hopper's names set aside. */
export function carriedHeaders(headers: Headers): Headers {
  return headers.filter(goesAlong).nest(earlierHeader, (name) => setAside.has(name));
}

/** The same as they were before it was moved. */
export function originalHeaders(headers: Headers): Headers {
  return headers.filter((name) => name === earlierHeader || !setAside.has(name)).unnest(earlierHeader);
}

/**
 * A dead letter's headers as it goes back to its queue: its runs count from the beginning, each replay counts, and so
 * does what it has lost.
 */
export function replayedHeaders(headers: Headers): Headers {
  const removed: readonly string[] = [...Object.values(aboutDeath), movedHeaders.attempts];
  return countReplay(headers, headers.filter((name) => goesAlong(name) && !removed.includes(name)));
}

/** The same as it goes back to the exchange that it was published to. */
export function republishedHeaders(headers: Headers): Headers {
  return countReplay(headers, originalHeaders(headers).filter(goesAlong));
}

function countReplay(before: Headers, headers: Headers): Headers {
  const replays = before.get(movedHeaders.replays);
  return headers.with({ [movedHeaders.replays]: (typeof replays === "number" ? replays : 0) + 1 });
}

/** Whether a message with these headers was replayed, and is no dead letter itself. */
export function wasReplayed(headers: Headers): boolean {
  return headers.has(movedHeaders.replays) && !headers.has(deadLetterHeaders.failedAt);
}

function goesAlong(name: string): boolean {
  return !leftBehind.includes(name);
}

/** What brokers write of the queues that let a message go. */
export const deathHeaders: readonly string[] = [
  "x-death",
  ...["first", "last"].flatMap((which) =>
    ["queue", "reason", "exchange"].map((part) => `x-${which}-death-${part}`)
  ),
];

/**
 * The same headers with those of deaths kept in one of Hopper's own: RabbitMQ 4 does not read what a publisher says of
 * them, and writes them anew when a message expires.
 */
export function withDeathsKept(headers: Headers): Headers {
  return headers.nest(movedHeaders.deaths, (name) => deathHeaders.includes(name));
}

/** The headers of deaths that were kept have their names again. */
export function withDeathsRestored(headers: Headers): Headers {
  if (!headers.has(movedHeaders.deaths)) return headers;
  return headers.filter((name) => !deathHeaders.includes(name)).unnest(movedHeaders.deaths);
}
