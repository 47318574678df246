import type { BareMessage } from "../../runtime/core/api/message.ts";

/** A message without properties, but for those that a test gives it. */
export function bareMessage(given: Partial<BareMessage> = {}): BareMessage {
  return {
    id: "m1",
    body: new Uint8Array(),
    exchange: "",
    routingKey: "orders",
    redelivered: false,
    correlationId: undefined,
    replyTo: undefined,
    timestamp: undefined,
    contentType: undefined,
    contentEncoding: undefined,
    type: undefined,
    appId: undefined,
    userId: undefined,
    priority: undefined,
    expiration: undefined,
    deliveryMode: undefined,
    ...given,
  };
}
