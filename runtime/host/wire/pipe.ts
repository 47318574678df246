import { setImmediate } from "node:timers";
import { type Frame, FrameBuffer, FrameReader } from "./frame.ts";

const readBytes = 64 * 1024;

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
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Resolves when everything that was sent is written. */
  async drained(): Promise<void> {
    while (this.#out.length > 0 && !this.#closed) await this.#flush();
    await this.#writing;
  }

  /** Hands over every frame that comes, until the connection ends. Rejects with `FrameError` for what is none. */
  async read(onFrame: (frame: Frame) => void): Promise<void> {
    const reader = new FrameReader();
    const chunk = new Uint8Array(readBytes);
    for (;;) {
      const count = await this.#connection.read(chunk).catch(() => null);
      if (count === null) return;
      reader.read(chunk.subarray(0, count), onFrame);
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

  #flush(): Promise<void> {
    return this.#writing ??= this.#write().finally(() => this.#writing = undefined);
  }

  async #write(): Promise<void> {
    try {
      while (this.#out.length > 0 && !this.#closed) {
        let bytes = this.#out.take();
        while (bytes.length > 0) bytes = bytes.subarray(await this.#connection.write(bytes));
      }
    } catch {
      // The reading side sees the end as well, and says so.
      this.#closed = true;
    }
  }
}
