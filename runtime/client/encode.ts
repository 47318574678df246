import { encode } from "../core/codec.ts";
import type { SendOptions } from "../core/context.ts";
import { toMilliseconds } from "../core/duration.ts";
import { ArgumentError } from "../core/errors.ts";
import type { Outgoing } from "../core/link.ts";
import { shown } from "../core/shown.ts";
import { requireSendableHeaders, requireShortString } from "./sendable.ts";

const shortStrings = [
  ["messageId", "message id"],
  ["correlationId", "correlation id"],
  ["contentType", "content type"],
] as const;

/** The message that `send` and `publish` mean. Throws an `ArgumentError` for a body or an option that cannot be sent. */
export function outgoing(
  exchange: string,
  routingKey: string,
  body: unknown,
  options: SendOptions,
): Outgoing {
  requireShortString(exchange, "exchange");
  requireShortString(routingKey, exchange === "" ? "queue" : "routing key");
  const { body: bytes, contentType } = encode(body);
  const { expiration, persistent = true, headers, mandatory = true, ...rest } = options;
  for (const [name, what] of shortStrings) {
    if (options[name] !== undefined) requireShortString(options[name], what);
  }
  requireSendableHeaders(headers ?? {});
  if (typeof mandatory !== "boolean") {
    throw new ArgumentError(`The option 'mandatory' is ${shown(mandatory)}; expected true or false`);
  }
  return {
    exchange,
    routingKey,
    mandatory,
    body: bytes,
    properties: {
      timestamp: Math.floor(Date.now() / 1000),
      ...rest,
      contentType: options.contentType ?? contentType,
      headers: { ...headers },
      persistent,
      expiration: expiration === undefined ? undefined : toMilliseconds(expiration, "expiration"),
    },
  };
}
