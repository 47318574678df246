import type { Buffer } from "node:buffer";
import { Malformed } from "./malformed.ts";
import { FIELDS, flag, readFlags } from "./properties.ts";
import { Reader } from "./reader.ts";

/** Where a property stands in `FIELDS`. */
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
 * A message's properties in their bytes: where each is, to be read when somebody asks, or to go along as it is. One is
 * made for each message that comes.
 */
export class PropertyBytes {
  readonly bytes: Buffer;
  /** By their index in `FIELDS`; 0 where there is none, as the flags are there. */
  readonly #starts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

  /** Throws `Malformed`. */
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

  /** A short string as text, with U+FFFD for what is no UTF-8. */
  text(index: number): string | undefined {
    const start = this.#starts[index]!;
    return start === 0 ? undefined : this.bytes.toString("utf8", start + 1, this.#end(index, start));
  }

  octet(index: number): number | undefined {
    const start = this.#starts[index]!;
    return start === 0 ? undefined : this.bytes[start];
  }

  /** Seconds since the epoch. */
  timestamp(): bigint | undefined {
    const start = this.#starts[At.timestamp]!;
    return start === 0 ? undefined : this.bytes.readBigUInt64BE(start);
  }

  /** The bytes of its value, as they came. */
  part(index: number): Buffer | undefined {
    const start = this.#starts[index]!;
    return start === 0 ? undefined : this.bytes.subarray(start, this.#end(index, start));
  }

  /** Where the value that begins there ends; beyond the bytes where it is not whole. */
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
