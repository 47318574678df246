import { nextTick } from "node:process";
import { type Frame, FrameBuffer, FrameReader } from "./frame.ts";

// What is read goes into one piece of memory after another, as the bodies of frames stay there.
const readBytes = 64 * 1024;
const leastRead = 16 * 1024;

/** A connection that speaks frames: what is sent in one turn of the event loop is written at once. */
export class FramePipe {
  readonly #connection: Deno.Conn;
  readonly #out = new FrameBuffer();
  #scheduled = false;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Bytes that have not been written yet. */
  get waiting(): number {
    return this.#out.length;
  }

  /** Sends a frame, at the end of this turn. After the connection has closed it does nothing. */
  send(kind: number, id: number, head?: unknown, body?: Uint8Array): void {
    if (this.#closed) return;
    this.#out.add(kind, id, head, body);
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    nextTick(this.#endTurn);
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
    const reader = new FrameReader();
    let room = new Uint8Array(readBytes);
    for (;;) {
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
      this.#closed = true;
    }
    this.#writing = undefined;
  }
}
