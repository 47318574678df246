import { ArgumentError } from "../core/errors.ts";
import { shown } from "../core/shown.ts";
import { isDirectReply } from "../link/reply_address.ts";

/** Tables and lists in one another: more than that nobody reads. */
const mostDepth = 1000;

/** Refuses what AMQP cannot carry as a name, key or id: anything but a well-formed string of at most 255 bytes. */
export function requireShortString(value: unknown, what: string): void {
  if (typeof value !== "string") {
    throw new ArgumentError(`The ${what} is a ${typeof value}; expected a string`);
  }
  if (!value.isWellFormed()) throw new ArgumentError(`The ${what} ${illFormed(value)}`);
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > 255) throw new ArgumentError(`The ${what} is ${bytes} bytes long; AMQP carries at most 255`);
}

/** Refuses headers that would not arrive as they are, or that RabbitMQ closes the whole connection over. */
export function requireSendableHeaders(headers: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(headers)) {
    requireShortString(name, "name of a header");
    requireSendable(value, name, 1);
  }
  for (const name of ["CC", "BCC"]) {
    const keys = headers[name];
    if (!Array.isArray(keys) || !keys.some((key) => typeof key === "string" && isDirectReply(key))) continue;
    throw new ArgumentError(
      `Header '${name}' names the address of a direct reply, which is no queue for copies`,
    );
  }
}

function requireSendable(value: unknown, name: string, depth: number): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new ArgumentError(`Header '${name}' holds a number that is not finite; AMQP carries finite ones`);
  }
  if (typeof value === "string" && !value.isWellFormed()) {
    throw new ArgumentError(`Header '${name}' ${illFormed(value)}`);
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (depth > mostDepth) throw new ArgumentError(`Header '${name}' is nested deeper than ${mostDepth}`);
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value)) requireShortString(key, `name of a field in header '${name}'`);
    requireSendable(item, name, depth + 1);
  }
}

function illFormed(text: string): string {
  return `is no well-formed text: half of a surrogate pair stands alone in ${shown(text)}`;
}
