import { ArgumentError } from "../core/errors.ts";
import { encode } from "../core/codec.ts";
import type { SendOptions } from "../core/context.ts";
import { toMilliseconds } from "../core/duration.ts";
import type { Outgoing } from "../core/link.ts";

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
  const { expiration, persistent = true, headers, ...rest } = options;
  return {
    exchange,
    routingKey,
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

/** Refuses what AMQP cannot carry as a name or key: anything but a string of at most 255 bytes. */
export function requireShortString(value: unknown, what: string): void {
  if (typeof value !== "string") {
    throw new ArgumentError(`The ${what} is a ${typeof value}; expected a string`);
  }
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > 255) throw new ArgumentError(`The ${what} is ${bytes} bytes long; AMQP carries at most 255`);
}
