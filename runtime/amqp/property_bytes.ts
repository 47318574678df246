import type { Buffer } from "node:buffer";
import { Malformed } from "./malformed.ts";
import { FIELDS, flag, readFlags } from "./properties.ts";
import { Reader } from "./reader.ts";

/** The index of each property in `FIELDS`. */
export const At = {
  contentType: 0,
  contentEncoding: 1,
  headers: 2,
  deliveryMode: 3,
  priority: 4,
  correlationId: 5,
  replyTo: 6,
  expiration: 7,
  messageId: 8,
  timestamp: 9,
  type: 10,
  userId: 11,
  appId: 12,
  clusterId: 13,
} as const;

/**
 * A message's properties, kept as bytes. Each is decoded only when it is read, or passed on unchanged. Every incoming
 * message has one of these, so it must be cheap.
 */
export class PropertyBytes {
  readonly bytes: Buffer;
  /** Where each property starts, by its index in `FIELDS`; 0 if it is missing (the flags are at 0). */
  readonly #starts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

  /** Throws `Malformed` if a property is not complete. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const reader = new Reader(bytes, 0, bytes.length);
    const flags = readFlags(reader);
    let at = reader.at;
    for (let index = 0; index < FIELDS.length; index++) {
      if ((flags & flag(index)) === 0) continue;
      this.#starts[index] = at;
      at = at < bytes.length ? this.#end(index, at) : Infinity;
    }
    if (at > bytes.length) throw new Malformed("A frame ends inside a property");
  }

  /** A short string as text. Bytes that are not UTF-8 become U+FFFD. */
  text(index: number): string | undefined {
    const start = this.#starts[index]!;
    return start === 0 ? undefined : this.bytes.toString("utf8", start + 1, this.#end(index, start));
  }

  octet(index: number): number | undefined {
    const start = this.#starts[index]!;
    return start === 0 ? undefined : this.bytes[start];
  }

  /** Seconds since 1970. */
  timestamp(): bigint | undefined {
    const start = this.#starts[At.timestamp]!;
    return start === 0 ? undefined : this.bytes.readBigUInt64BE(start);
  }

  /** The bytes of a property's value. */
  part(index: number): Buffer | undefined {
    const start = this.#starts[index]!;
    return start === 0 ? undefined : this.bytes.subarray(start, this.#end(index, start));
  }

  /** Where the value that begins at `start` ends. Larger than the bytes if the value is not complete. */
  #end(index: number, start: number): number {
    switch (index) {
      case At.headers:
        return start + 4 > this.bytes.length ? Infinity : start + 4 + this.bytes.readUInt32BE(start);
      case At.deliveryMode:
      case At.priority:
        return start + 1;
      case At.timestamp:
        return start + 8;
      default:
        return start + 1 + this.bytes[start]!;
    }
  }
}
