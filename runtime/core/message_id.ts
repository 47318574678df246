import { v7 } from "uuid";

// Crockford's base 32.
const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const bitsOfDigit = 5;
// 26 digits have two bits more than 16 bytes.
const bitsBefore = 2;

/**
 * A new message id: a UUID of version 7 written as a ULID, 26 letters and digits that sort by time. In its usual form of 36
 * a message's properties would be longer than 64 bytes; RabbitMQ 3.10 then takes half as much time again for the message,
 * because Erlang keeps every longer piece of data by itself.
 */
export function newMessageId(): string {
  let id = "";
  let bits = 0;
  let count = bitsBefore;
  for (const byte of v7(undefined, new Uint8Array(16))) {
    bits = bits << 8 | byte;
    count += 8;
    for (; count >= bitsOfDigit; bits &= (1 << count) - 1) {
      count -= bitsOfDigit;
      id += digits[bits >> count];
    }
  }
  return id;
}
