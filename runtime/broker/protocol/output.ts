import { Buffer } from "node:buffer";
import type { Buffers } from "./buffers.ts";
import { Frame, FRAME_END, type Method } from "./method.ts";

const EMPTY = Buffer.alloc(0);
const SMALL = 64;

type MethodId = typeof Method[keyof typeof Method];

/** What a connection is going to send: frames are written one behind the other and leave in one write. */
export class Output {
  /** Bytes written and not yet taken. */
  size = 0;
  bytes: Buffer = EMPTY;
  #frameStart = 0;

  /** @param buffers where room comes from; without it, for something small, a buffer of its own */
  constructor(readonly buffers?: Buffers) {}

  /** Makes room for `size` more bytes, so that they may be written to `bytes` directly. */
  reserve(size: number): void {
    if (this.size + size > this.bytes.length) this.#grow(size);
  }

  /** Takes all that was written, as the first bytes of a buffer; `buffers` wants it back when it was sent. */
  take(): { buffer: Buffer; size: number } {
    const taken = { buffer: this.bytes, size: this.size };
    this.bytes = EMPTY;
    this.size = 0;
    return taken;
  }

  #grow(size: number): void {
    const old = this.bytes;
    const needed = this.size + size;
    const pooled = old === EMPTY ? this.buffers?.take() : undefined;
    this.bytes = pooled && pooled.length >= needed
      ? pooled
      : Buffer.allocUnsafeSlow(Math.max(old.length * 2, needed, SMALL));
    old.copy(this.bytes, 0, 0, this.size);
    this.buffers?.give(old);
  }

  /** A copy of all that was written. */
  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.size));
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
