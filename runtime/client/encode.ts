import { encode } from "../core/codec.ts";
import type { SendOptions } from "../core/context.ts";
import { toMilliseconds } from "../core/duration.ts";
import type { Outgoing } from "../core/link.ts";
import { type GivenHeaders, requireShortString, sendableHeaders } from "./sendable.ts";

const shortStrings = [
  ["messageId", "message id"],
  ["correlationId", "correlation id"],
  ["contentType", "content type"],
] as const;

/** What is said of a message, its headers perhaps as the table that they are sent as. */
type Sent = Omit<SendOptions, "headers"> & { readonly headers?: GivenHeaders };

/** The message that `send` and `publish` mean. Throws an `ArgumentError` for a body or an option that cannot be sent. */
export function outgoing(
  exchange: string,
  routingKey: string,
  body: unknown,
  options: Sent,
): Outgoing {
  requireShortString(exchange, "exchange");
  requireShortString(routingKey, exchange === "" ? "queue" : "routing key");
  const { body: bytes, contentType } = encode(body);
  const { expiration, persistent = true, headers, ...rest } = options;
  for (const [name, what] of shortStrings) {
    if (options[name] !== undefined) requireShortString(options[name], what);
  }
  return {
    exchange,
    routingKey,
    body: bytes,
    properties: {
      timestamp: Math.floor(Date.now() / 1000),
      ...rest,
      contentType: options.contentType ?? contentType,
      headers: sendableHeaders(headers),
      persistent,
      expiration: expiration === undefined ? undefined : toMilliseconds(expiration, "expiration"),
    },
  };
}
