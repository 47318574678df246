import { Buffer } from "node:buffer";

const SLAB = 128 * 1024;

/** What is as large as this has a buffer of its own. */
const OWN = 32 * 1024;

/** Gives places for a few bytes: one large buffer serves many messages, which costs far less than one buffer each. */
export class Slab {
  /** The buffer in which the last place is. */
  buffer: Buffer = Buffer.allocUnsafeSlow(SLAB);
  #used = 0;

  /** Finds a place in `buffer` and returns where it begins. */
  reserve(size: number): number {
    if (this.#used + size > this.buffer.length) {
      this.buffer = Buffer.allocUnsafeSlow(size >= OWN ? size : SLAB);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += size;
    return start;
  }
}
