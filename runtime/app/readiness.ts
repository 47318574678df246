import type { Served } from "../dispatch/drain.ts";

/** A connection, as far as it matters here. */
interface Connected {
  readonly name: string;
  /** `undefined` while it is not connected. */
  readonly current: unknown;
}

/** What keeps a runtime from being ready, as people read it. A function that has paused itself is not among it. */
export function missingOf(links: readonly Connected[], served: readonly Served[]): string[] {
  return [
    ...links.filter(({ current }) => !current).map(({ name }) => `connection '${name}'`),
    ...served.flatMap(({ name, availability, consumer, router, reader, ticker }) => {
      const missed = [consumer, router, reader].find((one) => one?.paused === undefined && one?.missing);
      const why = availability.trouble ?? missed?.missing ??
        (consumer.paused === undefined ? ticker?.trouble : undefined);
      return why === undefined ? [] : [`${name}: ${why}`];
    }),
  ];
}

/** The functions that have paused, each with the reason. */
export function pausedOf(served: readonly Served[]): string[] {
  return served.filter(({ consumer }) => consumer.paused !== undefined)
    .map(({ name, consumer }) => `${name}: ${consumer.paused}`);
}
