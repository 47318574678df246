import { HeaderTable } from "../amqp/header_table.ts";
import { ArgumentError } from "../core/api/errors.ts";
import { shown } from "../core/text/shown.ts";
import { isDirectReply } from "../link/reply_address.ts";

/** Refuses what AMQP cannot carry as a name, key or id: anything but a well-formed string of at most 255 bytes. */
export function requireShortString(value: unknown, what: string): void {
  if (typeof value !== "string") {
    throw new ArgumentError(`The ${what} is a ${typeof value}; expected a string`);
  }
  if (!value.isWellFormed()) throw new ArgumentError(`The ${what} ${illFormed(value)}`);
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > 255) throw new ArgumentError(`The ${what} is ${bytes} bytes long; AMQP carries at most 255`);
}

export type GivenHeaders = Readonly<Record<string, unknown>> | HeaderTable | undefined;

/**
 * The headers to send; those that are a table already are sent as they are. Throws an `ArgumentError` that names the value which would not arrive as it is, or which RabbitMQ
 * closes the whole connection over.
 */
export function sendableHeaders(headers: GivenHeaders): HeaderTable {
  if (headers === undefined) return HeaderTable.none;
  const table = headers instanceof HeaderTable
    ? headers
    : HeaderTable.of(headers, (message) => new ArgumentError(message));
  for (const name of ["CC", "BCC"]) {
    const keys = table.get(name);
    if (!Array.isArray(keys) || !keys.some((key) => typeof key === "string" && isDirectReply(key))) continue;
    throw new ArgumentError(
      `Header '${name}' names the address of a direct reply, which is not a queue for copies`,
    );
  }
  return table;
}

function illFormed(text: string): string {
  return `is not well-formed text: it has half of a surrogate pair in ${shown(text)}`;
}
