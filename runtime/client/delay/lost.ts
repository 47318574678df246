import type { DeadLetter } from "../../core/ports/dead_letter.ts";
import type { Headers } from "../../core/ports/headers.ts";
import { movedHeaders } from "../../core/ports/moved_headers.ts";
import type { Destination } from "./topology.ts";

/** Where a delayed message was to go. */
export function destinationIn(headers: Headers): Destination {
  const text = (name: string) => String(headers.get(name) ?? "");
  return { exchange: text(movedHeaders.exchange), routingKey: text(movedHeaders.routingKey) };
}

/** What people are told of a message whose queue was gone when it was due. */
export function lostDelay(headers: Headers): Pick<DeadLetter, "error" | "source" | "failedAt"> {
  const { exchange, routingKey } = destinationIn(headers);
  const deaths = headers.get("x-death");
  const { time } = (Array.isArray(deaths) ? deaths[0] ?? {} : {}) as { readonly time?: unknown };
  return {
    error: `Unroutable: queue '${routingKey}' did not exist when the message was due`,
    source: `${exchange}:${routingKey}`,
    failedAt: time instanceof Date ? time.toISOString() : "",
  };
}
