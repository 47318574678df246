import { Buffer } from "node:buffer";
import { FRAME_OVERHEAD } from "../../amqp/method.ts";

const EMPTY = Buffer.alloc(0);

/** Type, channel and size of a frame; its whole length is known from there on. */
const HEAD = 7;

const PROTOCOL_HEADER = 8;

/** A buffer larger than this is not kept for the next time. */
const KEEP = 256 * 1024;

/** Holds a frame whose end has not come yet, or what came while the connection must wait. */
export class Input {
  #held: Buffer = EMPTY;
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

  /** Forgets the first bytes, which have been acted on. */
  drop(used: number): void {
    this.#held.copyWithin(0, used, this.#size);
    this.#size -= used;
    if (this.#size === 0 && this.#held.length > KEEP) this.#held = EMPTY;
  }

  /** Bytes still wanted until there is something to act on: a frame's head, and then its rest. */
  missing(isProtocolHeader: boolean): number {
    if (isProtocolHeader) return PROTOCOL_HEADER - this.#size;
    if (this.#size < HEAD) return HEAD - this.#size;
    return Math.max(0, this.#held.readUInt32BE(3) + FRAME_OVERHEAD - this.#size);
  }
}
