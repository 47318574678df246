import type { Delivery, Outgoing } from "../core/link.ts";
import type { Message } from "../core/message.ts";
import { movedHeaders } from "../core/moved_headers.ts";
import type { Resolved } from "../core/settings.ts";

/** What is known of a message that may have ended the process it was in. */
export type Suspicion =
  /** Nothing: run it beside others. */
  | { readonly kind: "none" }
  /** It was in flight in a crash: run it with nothing beside it, so that the next crash is its own. */
  | { readonly kind: "alone" }
  /** It was in flight in a crash that nobody has written down yet: put it back with `crashes` noted, then run it alone. */
  | { readonly kind: "note"; readonly crashes: number }
  /** It has ended as many processes as it may. */
  | { readonly kind: "poison"; readonly crashes: number };

/**
 * Judges a delivery from `queue`. A quorum queue counts deliveries itself; a classic one only says that there was
 * one before, so the count travels with the message. `seenHere`: this process has had the message and still lives.
 */
export function suspect(delivery: Delivery, queue: string, settings: Resolved, seenHere: boolean): Suspicion {
  if (settings.ack !== "auto" || settings.exclusive) return { kind: "none" };
  const most = settings.retry === false ? 1 : settings.retry.attempts;
  const headers = delivery.properties.headers ?? {};
  if (settings.queueType === "quorum") {
    const deliveries = count(headers["x-delivery-count"]);
    if (deliveries === 0 || seenHere) return { kind: "none" };
    return deliveries >= most ? { kind: "poison", crashes: deliveries } : { kind: "alone" };
  }
  const noted = wasNoted(delivery, queue) ? count(headers[movedHeaders.crashes]) : 0;
  if (!delivery.redelivered || seenHere) return noted > 0 ? { kind: "alone" } : { kind: "none" };
  const crashes = noted + 1;
  // Before it was noted it was not alone: the crash may be another's.
  return noted > 0 && crashes >= most ? { kind: "poison", crashes } : { kind: "note", crashes };
}

/** The message with its crashes noted, on its way back to its own queue. */
export function notedLetter(
  delivery: Delivery,
  message: Message,
  queue: string,
  crashes: number,
  attempts: number,
): Outgoing {
  const { CC: _cc, BCC: _bcc, ...headers } = message.headers;
  return {
    exchange: "",
    routingKey: queue,
    body: delivery.body,
    properties: {
      ...delivery.properties,
      messageId: message.id,
      headers: {
        ...headers,
        [movedHeaders.crashes]: crashes,
        [movedHeaders.attempts]: attempts,
        [movedHeaders.exchange]: message.exchange,
        [movedHeaders.routingKey]: message.routingKey,
      },
    },
  };
}

/** Whether the message was put back into its queue by name, as it is when its crashes are noted. */
export function wasNoted({ exchange, routingKey, properties }: Delivery, queue: string): boolean {
  return exchange === "" && routingKey === queue && properties.headers?.[movedHeaders.crashes] !== undefined;
}

function count(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
