import { Buffer } from "node:buffer";
import { AmqpError } from "../errors.ts";
import type { Slab } from "../queue/slab.ts";

const EMPTY = new Uint8Array(0);

/** Gathers the body of one message from its frames. */
export class Assembly {
  body: Uint8Array = EMPTY;
  /** Where the message begins in `body`. */
  at = 0;
  size = 0;
  #received = 0;

  constructor(readonly slab: Slab) {}

  start(size: number): void {
    this.size = size;
    this.#received = 0;
    this.body = EMPTY;
    this.at = 0;
  }

  /** True when the body is complete. */
  add(bytes: Uint8Array, at: number, size: number): boolean {
    if (this.#received + size > this.size) {
      const excess = this.#received + size - this.size;
      throw new AmqpError("frame_error", `content body exceeds its announced size by ${excess} bytes`);
    }
    if (this.#received === 0 && size === this.size) {
      this.body = this.slab.copy(bytes, at, size);
      this.at = this.slab.start;
      return true;
    }
    this.#reserve(this.#received + size);
    this.body.set(bytes.subarray(at, at + size), this.#received);
    this.#received += size;
    return this.#received === this.size;
  }

  /** Grows with what has come: a size that was only announced takes no memory. */
  #reserve(size: number): void {
    if (size <= this.body.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.min(this.size, Math.max(size, this.body.length * 2)));
    grown.set(this.body.subarray(0, this.#received));
    this.body = grown;
  }
}
