import { Buffer } from "node:buffer";
import { AmqpError } from "../errors.ts";
import type { Part, Parts } from "../parts.ts";
import type { Slab } from "../queue/slab.ts";

const empty = Buffer.alloc(0);

/** Puts one message together: its properties, and behind them its body, frame by frame. */
export class Assembly implements Part {
  #data: Buffer = empty;
  #start = 0;
  #propertiesSize = 0;
  #size = 0;
  #received = 0;
  /** Bytes that `parts` has counted. */
  #counted = 0;

  /** @param giveUp closes the channel whose message it is */
  constructor(readonly slab: Slab, readonly parts: Parts, readonly giveUp: (reason: AmqpError) => void) {}

  get data(): Buffer {
    return this.#data;
  }

  /** Where the message begins in `data`. */
  get start(): number {
    return this.#start;
  }

  get propertiesSize(): number {
    return this.#propertiesSize;
  }

  /** Bytes that the body will have. */
  get size(): number {
    return this.#size;
  }

  /** Begins a message; `add` brings its body. */
  begin(bodySize: number): void {
    this.#size = bodySize;
    this.#received = 0;
  }

  /** Forgets the message. */
  clear(): void {
    this.#data = empty;
    this.#count(0);
    this.begin(0);
  }

  /** Adds a frame of the body, `size` bytes from `at`. True: it is complete. Throws 501 where it is too long. */
  add(properties: Buffer, bytes: Buffer, at: number, size: number): boolean {
    const received = this.#received + size;
    if (received > this.#size) {
      throw new AmqpError(
        "frame_error",
        `content body exceeds its announced size by ${received - this.#size} bytes`,
      );
    }
    if (this.#received === 0) this.#place(properties, size);
    else this.#grow(properties.length + received);
    this.#data.set(bytes.subarray(at, at + size), this.#start + properties.length + this.#received);
    this.#received = received;
    return received === this.#size;
  }

  /** A message of one frame gets room in the slab; a longer one grows in a buffer of its own. */
  #place(properties: Buffer, size: number): void {
    const needed = properties.length + size;
    const isWhole = size === this.#size;
    this.#start = isWhole ? this.slab.reserve(needed) : 0;
    this.#data = isWhole ? this.slab.buffer : Buffer.allocUnsafeSlow(needed);
    this.#propertiesSize = properties.length;
    this.#data.set(properties, this.#start);
  }

  /** Grows with the bytes that have come: a size that is only announced takes no memory. */
  #grow(needed: number): void {
    if (needed <= this.#data.length) return;
    const most = this.#propertiesSize + this.#size;
    const length = Math.min(most, Math.max(needed, this.#data.length * 2));
    this.#count(length);
    const grown = Buffer.allocUnsafeSlow(length);
    grown.set(this.#data);
    this.#data = grown;
  }

  /** A message of several frames takes memory before any queue has it. */
  #count(bytes: number): void {
    if (bytes === this.#counted) return;
    this.#counted = bytes;
    this.parts.hold(this, bytes);
  }
}
