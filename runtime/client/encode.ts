import type { Encoded } from "../core/body/codec.ts";
import type { SendOptions } from "../core/api/context.ts";
import { toMilliseconds } from "../core/api/duration.ts";
import type { Outgoing } from "../core/ports/amqp.ts";
import type { HeaderTable } from "../amqp/header_table.ts";
import { outgoingBody } from "../core/body/outgoing_body.ts";
import { newMessageId } from "../core/message_id.ts";
import { requireSendOptions } from "./options.ts";
import { type GivenHeaders, requireShortString, sendableHeaders } from "./sendable.ts";

/** Options of `send`, where the headers may already be a table. */
type Sent = Omit<SendOptions, "headers"> & { readonly headers?: GivenHeaders };

/**
 * Builds the message for `send` and `publish`. Throws or rejects with an `ArgumentError` for a body or an option that
 * cannot be sent.
 */
export function outgoing(
  exchange: string,
  routingKey: string,
  body: unknown,
  options: Sent,
): Outgoing | Promise<Outgoing> {
  requireShortString(exchange, "exchange");
  requireShortString(routingKey, exchange === "" ? "queue" : "routing key");
  requireSendOptions(options);
  const headers = sendableHeaders(options.headers);
  const encoded = outgoingBody(body, "body", options);
  return encoded instanceof Promise
    ? encoded.then((encoded) => messageOf(exchange, routingKey, encoded, headers, options))
    : messageOf(exchange, routingKey, encoded, headers, options);
}

function messageOf(
  exchange: string,
  routingKey: string,
  { body, contentType }: Encoded,
  headers: HeaderTable,
  { expiration, persistent = true, headers: _, mandatory, delay: __, at: ___, cancel: ____, ...properties }:
    Sent,
): Outgoing {
  return {
    exchange,
    routingKey,
    body,
    mandatory,
    properties: {
      timestamp: Math.floor(Date.now() / 1000),
      ...properties,
      messageId: properties.messageId ?? newMessageId(),
      contentType,
      // An empty table would take some of the 64 bytes that `newMessageId` tells of.
      headers: headers.bytes.length === 0 ? undefined : headers,
      persistent,
      expiration: expiration === undefined ? undefined : toMilliseconds(expiration, "expiration"),
    },
  };
}
