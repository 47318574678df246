import { Buffer } from "node:buffer";

/** Size of a buffer in the pool: the largest frame fits. */
const SIZE = 128 * 1024;

/** Buffers kept for the next writer; one that grew beyond this is not. */
const MAX_KEPT = 32;
const MAX_SIZE = 1024 * 1024;

/** Output buffers for whoever has something to say: an idle connection holds none. */
export class Buffers {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(SIZE);
  }

  give(buffer: Buffer): void {
    if (this.#free.length < MAX_KEPT && buffer.length >= SIZE && buffer.length <= MAX_SIZE) {
      this.#free.push(buffer);
    }
  }
}
