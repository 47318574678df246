import { v7 } from "uuid";
import type { Delivery } from "../core/link.ts";
import type { Message } from "../core/message.ts";

/** What a handler is shown of a delivery; `nextId` names a message that bears no id. */
export function messageOf(
  { body, properties, exchange, routingKey, redelivered }: Delivery,
  nextId: () => string,
): Message {
  return {
    id: properties.messageId ?? nextId(),
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

/** Makes ids for messages that bear none: one random id and a number, for a fraction of what a new id costs. */
export function idSource(): () => string {
  const prefix = v7();
  let count = 0;
  return () => `${prefix}.${++count}`;
}

/** Which run of this message it is: a quorum queue counts deliveries, a classic one does not. */
export function attemptOf({ properties }: Delivery, queueType: "classic" | "quorum"): number {
  const delivered = properties.headers?.["x-delivery-count"];
  return queueType === "quorum" && typeof delivered === "number" ? delivered + 1 : 1;
}
