import type amqp from "amqplib";
import type { Properties } from "../core/message.ts";

/** A message's properties as Hopper speaks of them. Headers are copied where no prototype can be reached. */
export function readProperties(properties: amqp.MessageProperties): Properties {
  return {
    contentType: properties.contentType,
    contentEncoding: properties.contentEncoding,
    headers: Object.assign(Object.create(null), properties.headers),
    persistent: properties.deliveryMode === 2,
    priority: properties.priority,
    correlationId: properties.correlationId,
    replyTo: properties.replyTo,
    expiration: /^\d+$/.test(properties.expiration ?? "") ? Number(properties.expiration) : undefined,
    messageId: properties.messageId,
    timestamp: properties.timestamp,
    type: properties.type,
    appId: properties.appId,
  };
}

/** The same as amqplib takes them. */
export function writeProperties(properties: Readonly<Properties>): amqp.Options.Publish {
  return { ...properties };
}
