import { Buffer } from "node:buffer";

const EMPTY = Buffer.alloc(0);

/** Bytes that came and do not yet make a whole frame, kept in one buffer that grows with need. */
export class Input {
  #held: Buffer = EMPTY;
  #size = 0;

  /** What there is to parse now: the chunk itself, or what was held with the chunk behind it. */
  with(chunk: Buffer): Buffer {
    if (this.#size === 0) return chunk;
    this.#reserve(this.#size + chunk.length);
    this.#held.set(chunk, this.#size);
    this.#size += chunk.length;
    return this.#held.subarray(0, this.#size);
  }

  /** Keeps what was not used of the bytes that `with` returned. */
  keep(bytes: Buffer, from: number): void {
    const left = bytes.length - from;
    if (left === 0) {
      this.#size = 0;
      this.#held = EMPTY;
      return;
    }
    if (this.#size === 0) {
      this.#reserve(left);
      this.#held.set(bytes.subarray(from), 0);
    } else if (from > 0) {
      this.#held.copyWithin(0, from, bytes.length);
    }
    this.#size = left;
  }

  #reserve(size: number): void {
    if (size <= this.#held.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(size, this.#held.length * 2));
    grown.set(this.#held.subarray(0, this.#size));
    this.#held = grown;
  }
}
