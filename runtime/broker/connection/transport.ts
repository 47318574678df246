import { Buffer } from "node:buffer";
import type { Buffers } from "../protocol/buffers.ts";

/** What uses a transport. */
export interface Peer {
  /** Bytes came. They are valid only until this returns. */
  receive(chunk: Buffer): void;
  /** The client sends nothing any more; it still gets what was on its way to it. */
  finished(): void;
  /** The transport is closed, by the client or by the broker. */
  gone(): void;
}

/** The buffer of a client that sends little; one that sends more gets a buffer of the pool. */
const idleBytes = 4096;

/** After so many bytes the other clients have their turn: a read of what is there already does not give them one. */
const turnBytes = 256 * 1024;

interface Write {
  readonly bytes: Uint8Array;
  readonly sent: () => void;
}

/** The TCP connection of a client: reads while it is not paused, and writes one buffer after the other. */
export class Transport {
  readonly #writes: Write[] = [];
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();
  #isEnding = false;
  #isClosed = false;
  #paused: PromiseWithResolvers<void> | undefined;
  #done: Promise<void> | undefined;

  /** @param report told of errors that the client is not to blame for */
  constructor(
    readonly conn: Deno.TcpConn,
    readonly buffers: Buffers,
    readonly report: (error: unknown) => void,
  ) {}

  /** Begins to read; resolves when it is closed and all work is done. */
  start(peer: Peer): Promise<void> {
    this.#setNoDelay();
    return this.#done ??= this.#run(peer);
  }

  /** Calls `sent` when the operating system has all the bytes. */
  write(bytes: Uint8Array, sent: () => void): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#writes.push({ bytes, sent });
    if (!this.#isWriting) this.#written = this.#write().catch(this.#fail);
  }

  pause(): void {
    this.#paused ??= Promise.withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Closes its end when all is written. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (!this.#isWriting) this.#written = this.#write().catch(this.#fail);
  }

  /** Closes it at once. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#writes.length = 0;
    this.resume();
    this.conn.close();
  }

  #setNoDelay(): void {
    try {
      this.conn.setNoDelay(true);
    } catch {
      // The client has already gone, which the first read tells.
    }
  }

  readonly #fail = (error: unknown): void => {
    this.report(error);
    this.close();
  };

  async #run(peer: Peer): Promise<void> {
    try {
      await this.#read(peer);
      peer.finished();
      this.end();
      await this.#written;
    } catch (error) {
      this.#fail(error);
    }
    this.close();
    peer.gone();
  }

  async #read(peer: Peer): Promise<void> {
    const idle = Buffer.allocUnsafeSlow(idleBytes);
    let buffer: Buffer = idle, turn = 0;
    for (let size = await this.#some(buffer); size !== null; size = await this.#some(buffer)) {
      peer.receive(buffer.subarray(0, size));
      buffer = this.#bufferAfter(size, buffer, idle);
      turn += size;
      if (turn >= turnBytes) {
        turn = 0;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      if (this.#paused) await this.#paused.promise;
    }
    if (buffer !== idle) this.buffers.give(buffer);
  }

  /** Reads and returns how many bytes came; null at the end, also after a reset or the broker's own close. */
  async #some(buffer: Buffer): Promise<number | null> {
    try {
      return await this.conn.read(buffer);
    } catch {
      return null;
    }
  }

  #bufferAfter(size: number, buffer: Buffer, idle: Buffer): Buffer {
    if (buffer === idle) return size === idleBytes ? this.buffers.take() : idle;
    if (size >= idleBytes) return buffer;
    this.buffers.give(buffer);
    return idle;
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (let next = this.#writes.shift(); next && await this.#send(next.bytes); next = this.#writes.shift()) {
      next.sent();
    }
    if (this.#isEnding) await this.#closeWrite();
    this.#isWriting = false;
  }

  /** False: the client is gone. */
  async #send(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.conn.write(at === 0 ? bytes : bytes.subarray(at));
      return true;
    } catch {
      this.close();
      return false;
    }
  }

  async #closeWrite(): Promise<void> {
    try {
      await this.conn.closeWrite();
    } catch {
      this.close();
    }
  }
}
