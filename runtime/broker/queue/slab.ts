import { Buffer } from "node:buffer";

const slabBytes = 128 * 1024;

/** From this size on bytes get a buffer of their own. */
const minOwnBytes = 32 * 1024;

/** Room for the bytes of messages: one large buffer for many messages costs far less than one buffer for each. */
export class Slab {
  #buffer: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  #used = 0;

  /** The buffer in which the last room is. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Finds room in `buffer` and returns where it begins. */
  reserve(size: number): number {
    if (this.#used + size > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(size >= minOwnBytes ? size : slabBytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += size;
    return start;
  }
}
