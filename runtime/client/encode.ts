import type { Encoded } from "../core/codec.ts";
import type { SendOptions } from "../core/context.ts";
import { toMilliseconds } from "../core/duration.ts";
import type { Outgoing } from "../core/link.ts";
import { outgoingBody } from "../core/outgoing_body.ts";
import { requireSendOptions } from "./options.ts";
import { requireSendableHeaders, requireShortString } from "./sendable.ts";

/**
 * The message that `send` and `publish` mean. Throws or rejects with an `ArgumentError` for a body or an option that
 * cannot be sent.
 */
export function outgoing(
  exchange: string,
  routingKey: string,
  body: unknown,
  options: SendOptions,
): Outgoing | Promise<Outgoing> {
  requireShortString(exchange, "exchange");
  requireShortString(routingKey, exchange === "" ? "queue" : "routing key");
  requireSendOptions(options);
  requireSendableHeaders(options.headers ?? {});
  const encoded = outgoingBody(body, "body", options);
  return encoded instanceof Promise
    ? encoded.then((encoded) => messageOf(exchange, routingKey, encoded, options))
    : messageOf(exchange, routingKey, encoded, options);
}

function messageOf(
  exchange: string,
  routingKey: string,
  { body, contentType }: Encoded,
  { expiration, persistent = true, headers, mandatory, ...properties }: SendOptions,
): Outgoing {
  return {
    exchange,
    routingKey,
    body,
    mandatory,
    properties: {
      timestamp: Math.floor(Date.now() / 1000),
      ...properties,
      contentType,
      headers: { ...headers },
      persistent,
      expiration: expiration === undefined ? undefined : toMilliseconds(expiration, "expiration"),
    },
  };
}
