import { HeaderTable } from "../amqp/header_table.ts";
import { ArgumentError } from "../core/api/errors.ts";
import { filterValueHeader } from "../core/ports/stream_filter.ts";
import { shown } from "../core/text/shown.ts";
import { isDirectReply } from "../link/reply_address.ts";

const maxBytes = 255;
/** In UTF-8, for each unit of a string's length. */
const maxBytesOfCharacter = 3;

/** Throws an `ArgumentError` unless `value` is what AMQP takes as a name, key or id: well-formed text of at most 255 bytes. */
export function requireShortString(value: unknown, what: string): void {
  if (typeof value !== "string") {
    throw new ArgumentError(`The ${what} is a ${typeof value}; expected a string`);
  }
  if (!value.isWellFormed()) throw new ArgumentError(`The ${what} ${illFormed(value)}`);
  if (value.length * maxBytesOfCharacter <= maxBytes) return;
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > maxBytes) {
    throw new ArgumentError(`The ${what} is ${bytes} bytes long; AMQP carries at most ${maxBytes}`);
  }
}

export type GivenHeaders = Readonly<Record<string, unknown>> | HeaderTable | undefined;

/**
 * The headers to send, as a table. Throws an `ArgumentError` that names the value which would arrive changed, or for
 * which RabbitMQ would close the whole connection.
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
      `Header '${name}' names the reply address of a call; it may only name queues`,
    );
  }
  if (table.has(filterValueHeader) && typeof table.get(filterValueHeader) !== "string") {
    throw new ArgumentError(
      `Header '${filterValueHeader}', by which streams are filtered, is ${
        shown(table.get(filterValueHeader))
      }; expected text`,
    );
  }
  return table;
}

function illFormed(text: string): string {
  return `is not well-formed text: it has half of a surrogate pair in ${shown(text)}`;
}
