import type amqp from "amqplib";
import type { Properties } from "../core/message.ts";

/** A message's properties as Hopper speaks of them. Headers are copied where no prototype can be reached. */
export function readProperties(properties: amqp.MessageProperties): Properties {
  return {
    contentType: properties.contentType,
    contentEncoding: properties.contentEncoding,
    headers: copyHeaders(properties.headers),
    persistent: properties.deliveryMode === undefined ? undefined : properties.deliveryMode === 2,
    priority: properties.priority,
    correlationId: properties.correlationId,
    replyTo: properties.replyTo,
    expiration: millisecondsOf(properties.expiration),
    messageId: properties.messageId,
    timestamp: properties.timestamp,
    type: properties.type,
    userId: properties.userId,
    appId: properties.appId,
  };
}

function millisecondsOf(expiration: string | undefined): number | undefined {
  return expiration !== undefined && /^\d+$/.test(expiration) ? Number(expiration) : undefined;
}

const noHeaders: Record<string, unknown> = Object.freeze(Object.create(null));

function copyHeaders(headers: amqp.MessagePropertyHeaders | undefined): Record<string, unknown> {
  for (const _ in headers) return Object.assign(Object.create(null), headers);
  return noHeaders;
}
