import { type Frame, FrameBuffer, type FrameLimits, FrameReader } from "./frame.ts";

// Taken before a function could replace it. Importing `nextTick` would make each process start 20 ms later.
const atEndOfTurn = setImmediate;

// What is read goes into one piece of memory after another, as the bodies of frames stay there.
const readBytes = 64 * 1024;
const leastRead = 16 * 1024;

const mebibyte = 1024 * 1024;

// Any message that a broker hands over, and the texts of all that a file may import.
const saidByRuntime: FrameLimits = { head: 512 * mebibyte, body: 512 * mebibyte };

// No more than a broker takes unless it is told otherwise, and no head that would take long to read.
const saidByProcess: FrameLimits = { head: mebibyte, body: 128 * mebibyte };

/** An end of a connection between the runtime and a function's process. */
export interface PipeEnd {
  readonly reads: FrameLimits;
  readonly writes: FrameLimits;
  /** Bytes that may wait to be written while more is read. */
  readonly maxWaiting: number;
}

/** The runtime's: a process that does not read its answers is not listened to meanwhile. */
export const runtimeEnd: PipeEnd = {
  reads: saidByProcess,
  writes: saidByRuntime,
  maxWaiting: 8 * mebibyte,
};

/** The process's, which always reads: else each side could wait for the other. */
export const processEnd: PipeEnd = { reads: saidByRuntime, writes: saidByProcess, maxWaiting: Infinity };

/** A connection that speaks frames: what is sent in one turn of the event loop is written at once. */
export class FramePipe {
  readonly #connection: Deno.Conn;
  readonly #end: PipeEnd;
  readonly #out: FrameBuffer;
  #scheduled = false;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(connection: Deno.Conn, end: PipeEnd) {
    this.#connection = connection;
    this.#end = end;
    this.#out = new FrameBuffer(end.writes);
  }

  /** Bytes that have not been written yet. */
  get waiting(): number {
    return this.#out.length;
  }

  /** Sends a frame, at the end of this turn. After the connection has closed it does nothing. Throws `FrameTooLong`. */
  send(kind: number, id: number, head?: unknown, body?: Uint8Array): void {
    if (this.#closed) return;
    this.#out.add(kind, id, head, body);
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    atEndOfTurn(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#scheduled = false;
    this.#flush();
  };

  /** Resolves when everything that was sent is written. */
  async drained(): Promise<void> {
    await this.#flush();
  }

  /** Hands over every frame that comes, until the connection ends. Rejects with `FrameError` for what is none. */
  async read(onFrame: (frame: Frame) => void): Promise<void> {
    const reader = new FrameReader(this.#end.reads);
    let room = new Uint8Array(readBytes);
    for (;;) {
      if (this.#out.length > this.#end.maxWaiting) await this.#flush();
      const count = await this.#read(room);
      if (count === null) return;
      reader.read(room.subarray(0, count), onFrame);
      room = room.length - count < leastRead ? new Uint8Array(readBytes) : room.subarray(count);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#connection.close();
    } catch {
      // The other side has closed it.
    }
  }

  async #read(room: Uint8Array): Promise<number | null> {
    try {
      return await this.#connection.read(room);
    } catch {
      return null;
    }
  }

  #flush(): Promise<void> | undefined {
    if (this.#writing || this.#out.length === 0 || this.#closed) return this.#writing;
    return this.#writing = this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#out.length > 0 && !this.#closed) {
        const bytes = this.#out.take();
        let written = await this.#connection.write(bytes);
        while (written < bytes.length) written += await this.#connection.write(bytes.subarray(written));
      }
    } catch {
      // The reading side sees the end as well, and says so.
      this.close();
    }
    this.#writing = undefined;
  }
}
