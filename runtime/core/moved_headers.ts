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

/** The only header of a message whose headers cannot be read: says why. Whoever sends it has its message refused. */
export const unreadableHeader = "x-hopper-unreadable";

// CC and BCC would send copies to the queues they name; the count is a quorum queue's own, and would be read as another's.
const leftBehind: readonly string[] = ["CC", "BCC", "x-delivery-count", unreadableHeader];

// How often it was replayed is one count, wherever it was.
const { replays: _, ...overwritten } = movedHeaders;
const setAside = new Set<string>([
  ...Object.values(overwritten),
  ...Object.values(deadLetterHeaders),
  earlierHeader,
]);

type Headers = Readonly<Record<string, unknown>>;

/** A message's headers as they go along when it is moved: those with Hopper's names set aside. */
export function carriedHeaders(headers: Headers): Record<string, unknown> {
  const kept = Object.entries(headers).filter(([name]) => !leftBehind.includes(name));
  const aside = kept.filter(([name]) => setAside.has(name));
  if (aside.length === 0) return Object.fromEntries(kept);
  const others = kept.filter(([name]) => !setAside.has(name));
  return { ...Object.fromEntries(others), [earlierHeader]: Object.fromEntries(aside) };
}

/** The same as they were before it was moved. */
export function originalHeaders(headers: Headers): Record<string, unknown> {
  const original: Record<string, unknown> = Object.assign(Object.create(null), headers);
  for (const name of setAside) delete original[name];
  const { [earlierHeader]: earlier } = headers;
  return isTable(earlier) ? Object.assign(original, earlier) : original;
}

/** A dead letter's headers as it goes back to its queue: its runs count from the beginning, and each replay counts. */
export function replayedHeaders(headers: Headers): Record<string, unknown> {
  const dropped: readonly string[] = [
    ...leftBehind,
    ...Object.values(deadLetterHeaders),
    movedHeaders.attempts,
  ];
  const kept = Object.entries(headers).filter(([name]) => !dropped.includes(name));
  return { ...Object.fromEntries(kept), [movedHeaders.replays]: replaysOf(headers) + 1 };
}

/** The same as it goes back to the exchange that it was published to. */
export function republishedHeaders(headers: Headers): Record<string, unknown> {
  const kept = Object.entries(originalHeaders(headers)).filter(([name]) => !leftBehind.includes(name));
  return { ...Object.fromEntries(kept), [movedHeaders.replays]: replaysOf(headers) + 1 };
}

/** How often a message with these headers was replayed. */
export function replaysOf(headers: Headers): number {
  const { [movedHeaders.replays]: replays } = headers;
  return typeof replays === "number" ? replays : 0;
}

/** Whether a message with these headers was replayed, and is no dead letter itself. */
export function wasReplayed(headers: Headers): boolean {
  return headers[movedHeaders.replays] !== undefined && headers[deadLetterHeaders.failedAt] === undefined;
}

function isTable(value: unknown): value is Headers {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
