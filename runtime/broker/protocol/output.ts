import { Buffer } from "node:buffer";
import { Frame, FRAME_END, type Method } from "./method.ts";

const INITIAL = 16 * 1024;

/** A buffer larger than this is given back to the collector instead of being used again. */
const KEEP = 1024 * 1024;

type MethodId = typeof Method[keyof typeof Method];

/** What a connection is going to send: frames are written one behind the other and leave in one write. */
export class Output {
  /** Bytes written and not yet taken. */
  size = 0;
  bytes: Buffer;
  #spare: Buffer | undefined;
  #frameStart = 0;

  constructor(capacity = INITIAL) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `size` more bytes, so that they may be written to `bytes` directly. */
  reserve(size: number): void {
    if (this.size + size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.size + size));
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
  }

  /** Takes all that was written; hand the bytes back with `recycle` when they are sent. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.size);
    this.bytes = this.#spare ?? Buffer.allocUnsafeSlow(INITIAL);
    this.#spare = undefined;
    this.size = 0;
    return taken;
  }

  recycle(taken: Buffer): void {
    if (this.#spare || taken.buffer.byteLength > KEEP || taken.byteOffset !== 0) return;
    this.#spare = Buffer.from(taken.buffer);
  }

  octet(value: number): this {
    this.reserve(1);
    this.bytes[this.size++] = value;
    return this;
  }

  short(value: number): this {
    this.reserve(2);
    this.size = this.bytes.writeUInt16BE(value, this.size);
    return this;
  }

  long(value: number): this {
    this.reserve(4);
    this.size = this.bytes.writeUInt32BE(value, this.size);
    return this;
  }

  longlong(value: number): this {
    return this.long(Math.floor(value / 4294967296)).long(value >>> 0);
  }

  bigint(value: bigint): this {
    this.reserve(8);
    this.size = this.bytes.writeBigUInt64BE(value, this.size);
    return this;
  }

  float(value: number): this {
    this.reserve(4);
    this.size = this.bytes.writeFloatBE(value, this.size);
    return this;
  }

  double(value: number): this {
    this.reserve(8);
    this.size = this.bytes.writeDoubleBE(value, this.size);
    return this;
  }

  shortString(value: string): this {
    this.octet(value.length);
    return this.#text(value);
  }

  longString(value: string): this {
    this.long(value.length);
    return this.#text(value);
  }

  raw(from: Uint8Array, start = 0, end = from.length): this {
    const size = end - start;
    this.reserve(size);
    this.bytes.set(start === 0 && end === from.length ? from : from.subarray(start, end), this.size);
    this.size += size;
    return this;
  }

  /** Leaves four bytes for a size that `measure` fills in. */
  mark(): number {
    this.long(0);
    return this.size;
  }

  measure(start: number): void {
    this.bytes.writeUInt32BE(this.size - start, start - 4);
  }

  method(channel: number, method: MethodId): this {
    this.frame(Frame.Method, channel);
    return this.long(method);
  }

  frame(type: number, channel: number): this {
    this.octet(type).short(channel);
    this.#frameStart = this.mark();
    return this;
  }

  /** Ends the frame that `method` or `frame` began. */
  end(): void {
    this.measure(this.#frameStart);
    this.octet(FRAME_END);
  }

  /** Ends a chain of writes whose value nobody wants. */
  done(): void {}

  #text(value: string): this {
    this.reserve(value.length);
    this.bytes.write(value, this.size, "latin1");
    this.size += value.length;
    return this;
  }
}
