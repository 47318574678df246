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

  /** @param report told of errors that are not the client's */
  constructor(
    readonly conn: Deno.TcpConn,
    readonly buffers: Buffers,
    readonly report: (error: unknown) => void,
  ) {}

  /** Begins to read; resolves when nothing of it is left. */
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

  /** Hangs up when all is written. */
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
      // The client has left already, which the first read tells.
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
    const idle = Buffer.allocUnsafeSlow(IDLE_READ);
    let buffer: Buffer = idle, turn = 0;
    for (let size = await this.#some(buffer); size !== null; size = await this.#some(buffer)) {
      peer.receive(buffer.subarray(0, size));
      buffer = this.#bufferAfter(size, buffer, idle);
      turn += size;
      if (turn >= TURN) {
        turn = 0;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      if (this.#paused) await this.#paused.promise;
    }
    if (buffer !== idle) this.buffers.give(buffer);
  }

  /** How many bytes came into the buffer; null at the end, which a reset and the broker's own close are too. */
  async #some(buffer: Buffer): Promise<number | null> {
    try {
      return await this.conn.read(buffer);
    } catch {
      return null;
    }
  }

  #bufferAfter(size: number, buffer: Buffer, idle: Buffer): Buffer {
    if (buffer === idle) return size === IDLE_READ ? this.buffers.take() : idle;
    if (size >= IDLE_READ) return buffer;
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

  /** False when the client is not there any more. */
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
