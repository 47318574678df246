/** The bytes of a block that copies share. */
const blockSize = 64 * 1024;

/**
 * Copies bytes into blocks that many copies share, which takes much less time than an array for each. A block is free again
 * when all copies in it are, so they should go in about the order in which they came.
 */
export class Slab {
  #block = new Uint8Array(0);
  #used = 0;

  copy(bytes: Uint8Array): Uint8Array {
    const size = bytes.length;
    if (size > blockSize / 4) return new Uint8Array(bytes);
    if (this.#used + size > this.#block.length) {
      this.#block = new Uint8Array(blockSize);
      this.#used = 0;
    }
    const copy = this.#block.subarray(this.#used, this.#used += size);
    copy.set(bytes);
    return copy;
  }
}
