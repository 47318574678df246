import { Buffer } from "node:buffer";

const SLAB = 128 * 1024;

/** A body from this size on has a buffer of its own. */
const OWN = 32 * 1024;

/** A place for a few bytes: one large buffer serves many messages, which costs far less than one buffer each. */
export class Slab {
  #buffer = Buffer.allocUnsafeSlow(SLAB);
  #used = 0;
  /** Where the bytes last copied begin in the buffer that `copy` returned. */
  start = 0;

  copy(from: Uint8Array, start: number, size: number): Buffer {
    if (size >= OWN) {
      const own = Buffer.allocUnsafeSlow(size);
      own.set(from.subarray(start, start + size));
      this.start = 0;
      return own;
    }
    if (this.#used + size > SLAB) {
      this.#buffer = Buffer.allocUnsafeSlow(SLAB);
      this.#used = 0;
    }
    this.start = this.#used;
    this.#buffer.set(from.subarray(start, start + size), this.#used);
    this.#used += size;
    return this.#buffer;
  }
}
