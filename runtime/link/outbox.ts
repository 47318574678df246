import { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import type { Writable } from "node:stream";

const slabBytes = 64 * 1024;

/** Bytes that frames are written into, one after the other. */
interface Slab {
  readonly bytes: Buffer;
  /** How many writes from it the system has not taken yet. */
  unsent: number;
}

const none: Slab = { bytes: Buffer.alloc(0), unsent: 0 };

/**
 * What is to be sent on a connection: everything of one turn of the event loop leaves together, at its end. One system call
 * for each frame, and a buffer for each, would cost more than everything else for a small message.
 */
export class Outbox {
  readonly #stream: Writable;
  readonly #write: (bytes: Buffer, sent: () => void) => void;
  #slab = none;
  /** What waits in the slab. */
  #start = 0;
  #end = 0;

  /** Others may go on writing to `stream`; the order stays. `onSend` is called when something is sent. */
  constructor(stream: Writable, onSend: () => void = () => {}) {
    this.#stream = stream;
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    const uncork = () => stream.uncork();
    this.#write = (bytes, sent) => {
      onSend();
      write(bytes, sent);
    };
    stream.write = (...args: unknown[]) => {
      this.#flush();
      if (stream.writableCorked === 0) {
        stream.cork();
        nextTick(uncork);
      }
      return write(...args);
    };
  }

  /** Whether the other side reads more slowly than this side sends. */
  get isBehind(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** Room for frames, which the caller fills at once. */
  readonly room = (size: number): Buffer => {
    const waits = this.#start < this.#end;
    if (!waits && this.#slab.unsent === 0) this.#start = this.#end = 0;
    if (this.#end + size > this.#slab.bytes.length) {
      this.#flush();
      this.#slab = { bytes: Buffer.allocUnsafeSlow(Math.max(size, slabBytes)), unsent: 0 };
      this.#start = this.#end = 0;
    }
    if (!waits) nextTick(this.#flush);
    return this.#slab.bytes.subarray(this.#end, this.#end += size);
  };

  readonly #flush = (): void => {
    if (this.#start === this.#end) return;
    const slab = this.#slab;
    const bytes = slab.bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    // A large message's own slab is not kept.
    if (slab.bytes.length > slabBytes) this.#slab = none;
    if (!this.#stream.writable) return;
    slab.unsent++;
    this.#write(bytes, () => slab.unsent--);
  };
}
