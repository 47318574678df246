import type { Buffer } from "node:buffer";
import { Malformed } from "./malformed.ts";

const TWO_TO_32 = 4294967296;

/**
 * Reads the fields of one frame without copying it.
 *
 * Strings have one character for each byte (latin1), so that every name survives unchanged, even if it is not valid
 * UTF-8.
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

  /** A delivery tag or a body size. Exact up to 2^53, which none of them reaches. */
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

  /** A reader for the next `size` bytes; this one skips them. */
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
