import { setImmediate } from "node:timers";

// One write a turn instead of one a line, unless a turn brings more than this.
const mostBuffered = 64 * 1024;

/** Writes lines to a stream, those of one turn of the event loop together. */
export class LineWriter {
  readonly #stream: { writeSync(bytes: Uint8Array): number };
  readonly #encoder = new TextEncoder();
  #buffered = "";
  #scheduled = false;

  constructor(stream: { writeSync(bytes: Uint8Array): number }) {
    this.#stream = stream;
  }

  /** Adds a line. */
  write(line: string): void {
    this.#buffered += `${line}\n`;
    if (this.#buffered.length > mostBuffered) this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Writes what is left. A reader that has gone away or a full disk costs the lines, not the runtime. */
  flush(): void {
    let bytes = this.#encoder.encode(this.#buffered);
    this.#buffered = "";
    try {
      while (bytes.length > 0) bytes = bytes.subarray(this.#stream.writeSync(bytes));
    } catch {
      return;
    }
  }
}
