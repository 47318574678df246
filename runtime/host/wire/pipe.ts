import { type Frame, FrameBuffer, type FrameLimits, FrameReader } from "./frame.ts";

// Taken before a function could replace it. It comes after all frames of one read, and sooner than `setImmediate`, which
// takes a further turn of the event loop. Importing `nextTick` would make each process start 20 ms later.
const afterThis = queueMicrotask;

const mebibyte = 1024 * 1024;

// Large enough for any message from a broker, and for the list of a function's files.
const saidByRuntime: FrameLimits = { head: 512 * mebibyte, body: 512 * mebibyte };

// A body as large as a broker accepts by default, and a head that is quick to read.
const saidByProcess: FrameLimits = { head: mebibyte, body: 128 * mebibyte };

/** One end of a connection between the runtime and a function's process. */
export interface PipeEnd {
  readonly reads: FrameLimits;
  readonly writes: FrameLimits;
  /** How many bytes may wait to be written while more is read. */
  readonly maxWaiting: number;
}

/** The runtime's end. If a process does not read its answers, the runtime stops reading from it. */
export const runtimeEnd: PipeEnd = {
  reads: saidByProcess,
  writes: saidByRuntime,
  maxWaiting: 8 * mebibyte,
};

/** The process's end. It always reads, because otherwise both sides could wait for each other. */
export const processEnd: PipeEnd = { reads: saidByRuntime, writes: saidByProcess, maxWaiting: Infinity };

/**
 * A connection that sends and receives frames. What is sent at once, and what is sent while something is being written,
 * is written together.
 */
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

  /** How many bytes are not written yet. */
  get waiting(): number {
    return this.#out.length;
  }

  /** Sends a frame, together with those that follow at once. Does nothing if the connection is closed. Throws `FrameTooLong`. */
  send(kind: number, id: number, head?: unknown, body?: Uint8Array): void {
    if (this.#closed) return;
    this.#out.add(kind, id, head, body);
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    afterThis(this.#begin);
  }

  /** Sends what waits at once, and not together with what follows. */
  flush(): void {
    this.#flush();
  }

  readonly #begin = (): void => {
    this.#scheduled = false;
    this.#flush();
  };

  /** Resolves when everything that was sent is written. */
  async drained(): Promise<void> {
    await this.#flush();
  }

  /** Calls `onFrame` for every frame, until the connection ends. Rejects with `FrameError` for invalid bytes. */
  async read(onFrame: (frame: Frame) => void): Promise<void> {
    const reader = new FrameReader(this.#end.reads);
    for (;;) {
      if (this.#out.length > this.#end.maxWaiting) await this.#flush();
      const count = await this.#read(reader.room);
      if (count === null) return;
      reader.read(count, onFrame);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#connection.close();
    } catch {
      // The other side has closed it already.
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
      // Reading fails too, and reports it.
      this.close();
    }
    this.#writing = undefined;
  }
}
