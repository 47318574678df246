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
  requireFinite(headers ?? {});
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

// RabbitMQ closes the whole connection over a header that is no finite number.
function requireFinite(headers: Readonly<Record<string, unknown>>): void {
  const unfit = Object.keys(headers).find((name) => !isFinite(headers[name]));
  if (unfit !== undefined) {
    throw new ArgumentError(`Header '${unfit}' holds a number that is not finite; AMQP carries finite ones`);
  }
}

function isFinite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || ArrayBuffer.isView(value) ||
    Object.values(value).every(isFinite);
}
