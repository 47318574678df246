import type { Buffer } from "node:buffer";
import { Malformed } from "./malformed.ts";

const TWO_TO_32 = 4294967296;

/**
 * Reads the fields of one frame in place.
 *
 * Names become strings of one character a byte (latin1): every name a client may send then survives unchanged,
 * valid UTF-8 or not, and texts quote it byte for byte.
 */
export class Reader {
  constructor(readonly bytes: Buffer, public at: number, readonly end: number) {}

  get left(): number {
    return this.end - this.at;
  }

  octet(): number {
    this.#need(1);
    return this.bytes[this.at++]!;
  }

  short(): number {
    this.#need(2);
    const value = this.bytes.readUInt16BE(this.at);
    this.at += 2;
    return value;
  }

  long(): number {
    this.#need(4);
    const value = this.bytes.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  /** A delivery tag or a body size: exact up to 2^53, which no counter here reaches. */
  longlong(): number {
    return this.long() * TWO_TO_32 + this.long();
  }

  shortString(): string {
    const size = this.octet();
    this.#need(size);
    return this.bytes.toString("latin1", this.at, this.at += size);
  }

  longString(): string {
    const size = this.long();
    this.#need(size);
    return this.bytes.toString("latin1", this.at, this.at += size);
  }

  /** A reader over the next `size` bytes, which this one then has passed. */
  part(size: number): Reader {
    this.#need(size);
    return new Reader(this.bytes, this.at, this.at += size);
  }

  skip(size: number): void {
    this.#need(size);
    this.at += size;
  }

  #need(size: number): void {
    if (this.at + size > this.end) throw new Malformed("A frame ends inside a field");
  }
}
