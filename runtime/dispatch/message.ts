import { v7 } from "uuid";
import type { Delivery } from "../core/link.ts";
import type { Message } from "../core/message.ts";

/** What a handler is shown of a delivery. */
export function messageOf({ body, properties, exchange, routingKey, redelivered }: Delivery): Message {
  return {
    id: properties.messageId ?? v7(),
    body,
    headers: properties.headers ?? {},
    exchange,
    routingKey,
    redelivered,
    correlationId: properties.correlationId,
    replyTo: properties.replyTo,
    timestamp: properties.timestamp === undefined ? undefined : new Date(properties.timestamp * 1000),
    contentType: properties.contentType,
  };
}

/** Which run of this message it is: a quorum queue counts deliveries, a classic one does not. */
export function attemptOf({ properties }: Delivery, queueType: "classic" | "quorum"): number {
  const delivered = properties.headers?.["x-delivery-count"];
  return queueType === "quorum" && typeof delivered === "number" ? delivered + 1 : 1;
}
