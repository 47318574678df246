/** Headers that Hopper writes on a message it moves, and reads when it comes back. */
export const movedHeaders = {
  attempts: "x-hopper-attempts",
  exchange: "x-hopper-exchange",
  routingKey: "x-hopper-routing-key",
  replays: "x-hopper-replays",
  crashes: "x-hopper-crashes",
  suspect: "x-hopper-suspect",
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
export function withDeathsKept(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isDeath = ([name]: [string, unknown]) => deathHeaders.includes(name);
  const deaths = Object.entries(headers).filter(isDeath);
  if (deaths.length === 0) return headers;
  const others = Object.entries(headers).filter((entry) => !isDeath(entry));
  return { ...Object.fromEntries(others), [movedHeaders.deaths]: Object.fromEntries(deaths) };
}

/** Gives the headers of deaths that were kept back their names. */
export function restoreDeaths(headers: Record<string, unknown>, kept: unknown): void {
  if (typeof kept !== "object" || kept === null) return;
  for (const name of deathHeaders) {
    const value = (kept as Record<string, unknown>)[name];
    if (value !== undefined) headers[name] = value;
  }
}
