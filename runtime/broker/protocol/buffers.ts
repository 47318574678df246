import { Buffer } from "node:buffer";

/** A new buffer has room for the largest frame. */
const bufferBytes = 128 * 1024;

/** How many free buffers are kept. */
const maxKept = 32;

/** A buffer that has grown beyond this is not kept. */
const maxKeptBytes = 1024 * 1024;

/** Buffers for input and output that connections share: an idle connection holds none. */
export class Buffers {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  }

  give(buffer: Buffer): void {
    const isKept = this.#free.length < maxKept && buffer.length >= bufferBytes &&
      buffer.length <= maxKeptBytes;
    if (isKept) this.#free.push(buffer);
  }
}
