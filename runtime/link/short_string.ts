import type { Output } from "../amqp/output.ts";
import { toBinary } from "../amqp/text.ts";

const maxBytes = 255;

/** Writes a name, key or id. Throws an error that calls it `what` if AMQP cannot carry it. */
export function writeShortString(out: Output, value: unknown, what: string): void {
  if (typeof value !== "string") throw new TypeError(`The ${what} is a ${typeof value}; expected a string`);
  if (!value.isWellFormed()) {
    throw new TypeError(`The ${what} is not well-formed text: it has half of a surrogate pair`);
  }
  const binary = toBinary(value);
  if (binary.length > maxBytes) {
    throw new RangeError(`The ${what} is ${binary.length} bytes long; AMQP carries at most ${maxBytes}`);
  }
  out.shortString(binary);
}
