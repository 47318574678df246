import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

const readSize = 16 * 1024;

// Small pieces, such as a head and its body, are written at once.
const joinBelow = 64 * 1024;

/** A connection that Deno accepted, in the form that `node:http` reads from and writes to. */
export class AcceptedSocket extends Duplex {
  readonly #connection: Deno.TcpConn;
  readonly #stallMs: number;
  readonly #received = new Uint8Array(readSize);
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isEnding = false;

  /** It is destroyed if its client reads nothing for `stallMs`. */
  constructor(connection: Deno.TcpConn, stallMs: number) {
    super({ allowHalfOpen: true });
    this.#connection = connection;
    this.#stallMs = stallMs;
    // An error means that the client is gone, which "close" says as well.
    this.on("error", () => {});
  }

  /** Destroys it in `ms` milliseconds, or never; replaces what was said before. */
  expireIn(ms: number | undefined): void {
    if (this.#isEnding || this.destroyed) return;
    clearTimeout(this.#deadline);
    this.#deadline = ms === undefined ? undefined : setTimeout(() => this.destroy(), ms);
  }

  /** `node:http` sets times for sockets of its own; this one is told its times by `expireIn`. */
  setTimeout(): this {
    return this;
  }

  /**
   * Ends it when everything is written: `node:http` calls this after the last answer. What the client still sends is
   * read and dropped until it closes, as closing earlier could make it lose the answer.
   */
  destroySoon(): void {
    this.ignoreInput();
    this.end();
    this.expireIn(this.#stallMs);
    this.#isEnding = true;
  }

  /** Reads and drops what still comes. */
  ignoreInput(): void {
    this.removeAllListeners("data");
    this.resume();
  }

  override _construct(done: (error?: Error) => void): void {
    try {
      this.#connection.setNoDelay(true);
      done();
    } catch (error) {
      // It is closed already.
      done(error as Error);
    }
  }

  override _read(): void {
    this.#connection.read(this.#received).then(
      (size) => void this.push(size === null ? null : Buffer.from(this.#received.subarray(0, size))),
      (error) => void this.destroy(error),
    );
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    this.#send(chunk).then(() => done(), done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error) => void): void {
    this.#sendAll(chunks.map(({ chunk }) => chunk)).then(() => done(), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#connection.closeWrite().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#deadline);
    this.#connection.close();
    done(error);
  }

  async #sendAll(chunks: readonly Uint8Array[]): Promise<void> {
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    if (size <= joinBelow) return await this.#send(Buffer.concat(chunks));
    for (const chunk of chunks) await this.#send(chunk);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const timer = setTimeout(() => this.destroy(), this.#stallMs);
      try {
        rest = rest.subarray(await this.#connection.write(rest));
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
