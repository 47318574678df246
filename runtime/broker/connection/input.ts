import { Buffer } from "node:buffer";
import { FRAME_OVERHEAD } from "../../amqp/method.ts";

const empty = Buffer.alloc(0);

/** Type, channel and size in front of a frame's payload. */
export const frameHeadBytes = 7;

const protocolHeaderBytes = 8;

/** A larger buffer is not kept for the next frame. */
const maxKeptBytes = 256 * 1024;

/** Holds a frame whose end has not come yet, or what came while the connection had to wait. */
export class Input {
  #held: Buffer = empty;
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get bytes(): Buffer {
    return this.#held.subarray(0, this.#size);
  }

  add(chunk: Buffer, start: number, end: number): void {
    const size = this.#size + end - start;
    if (size > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size, this.#held.length * 2));
      grown.set(this.bytes);
      this.#held = grown;
    }
    this.#held.set(chunk.subarray(start, end), this.#size);
    this.#size = size;
  }

  /** Forgets the first bytes, as they are done with. */
  drop(used: number): void {
    this.#held.copyWithin(0, used, this.#size);
    this.#size -= used;
    if (this.#size === 0 && this.#held.length > maxKeptBytes) this.#held = empty;
  }

  /** Bytes that are still needed to act on something: to complete the head of a frame, and then the rest of it. */
  missing(isProtocolHeader: boolean): number {
    if (isProtocolHeader) return protocolHeaderBytes - this.#size;
    if (this.#size < frameHeadBytes) return frameHeadBytes - this.#size;
    return Math.max(0, this.#held.readUInt32BE(3) + FRAME_OVERHEAD - this.#size);
  }
}
