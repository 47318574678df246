import { Buffer } from "node:buffer";
import type { Buffers } from "../protocol/buffers.ts";

/** Who is at this end of a transport. */
export interface Peer {
  /** Bytes came; they are only lent, and another's when this returns. */
  receive(chunk: Buffer): void;
  /** The client hung up: it is still sent what was on its way. */
  finished(): void;
  /** The transport is closed, by whichever end. */
  gone(): void;
}

/** Room for what an idle client says; who says more gets a buffer of the pool. */
const IDLE_READ = 4096;

/** Bytes after which all others have their turn: a read of what is there already does not wait for the event loop. */
const TURN = 256 * 1024;

interface Write {
  readonly bytes: Uint8Array;
  readonly sent: () => void;
}

/** A client's TCP connection: reads for as long as it is not paused, and writes one buffer behind the other. */
export class Transport {
  readonly #writes: Write[] = [];
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();
  #isEnding = false;
  #isClosed = false;
  #paused: PromiseWithResolvers<void> | undefined;
  #done: Promise<void> | undefined;

  constructor(readonly conn: Deno.TcpConn, readonly buffers: Buffers) {
  }

  /** Begins to read; resolves when nothing of it is left. */
  start(peer: Peer): Promise<void> {
    return this.#done ??= this.#read(peer);
  }

  /** Calls `sent` when the operating system has all the bytes. */
  write(bytes: Uint8Array, sent: () => void): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#writes.push({ bytes, sent });
    if (!this.#isWriting) this.#write();
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Hangs up when all is written. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (!this.#isWriting) this.#write();
  }

  /** Closes it at once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#writes.length = 0;
    this.resume();
    this.conn.close();
  }

  async #read(peer: Peer): Promise<void> {
    const idle = Buffer.allocUnsafeSlow(IDLE_READ);
    let buffer: Buffer = idle, turn = 0;
    try {
      this.conn.setNoDelay(true);
      for (;;) {
        const size = await this.conn.read(buffer);
        if (size === null) break;
        peer.receive(buffer.subarray(0, size));
        buffer = this.#bufferAfter(size, buffer, idle);
        turn += size;
        if (turn >= TURN) {
          turn = 0;
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
        if (this.#paused) await this.#paused.promise;
        if (this.#isClosed) break;
      }
      peer.finished();
      this.end();
    } catch {
      // A reset is an end like any other, and so is the broker's own close.
      this.close();
    }
    if (buffer !== idle) this.buffers.give(buffer);
    await this.#written;
    this.close();
    peer.gone();
  }

  #bufferAfter(size: number, buffer: Buffer, idle: Buffer): Buffer {
    if (buffer === idle) return size === IDLE_READ ? this.buffers.take() : idle;
    if (size >= IDLE_READ) return buffer;
    this.buffers.give(buffer);
    return idle;
  }

  #write(): void {
    this.#isWriting = true;
    this.#written = this.#writeAll().catch(() => this.close());
  }

  async #writeAll(): Promise<void> {
    for (let next = this.#writes.shift(); next; next = this.#writes.shift()) {
      const { bytes, sent } = next;
      for (let at = 0; at < bytes.length;) at += await this.conn.write(at === 0 ? bytes : bytes.subarray(at));
      sent();
    }
    if (this.#isEnding && !this.#isClosed) await this.conn.closeWrite();
    this.#isWriting = false;
  }
}
