import { setImmediate, setTimeout as wait } from "node:timers/promises";

/** Where lines go, such as `Deno.stdout`. Its `write` waits for the reader without blocking the event loop. */
export interface LineStream {
  write(bytes: Uint8Array): Promise<number>;
}

/** How many characters may wait for a slow stream, besides those being written. */
const defaultMax = 1024 * 1024;

/** Milliseconds from one write to the next, while lines keep coming: a write costs as much as a small message does. */
const restMs = 25;

/** So many waiting characters are written without a rest. */
const maxResting = 64 * 1024;

/** Milliseconds to wait after a stream said `WouldBlock`. */
const askAgain = 20;

const lineEnd = "\n".charCodeAt(0);

/**
 * Writes lines to a stream. The first line after a quiet time leaves at once; of those that follow, the lines of 25 ms are
 * written together. `write` never waits for a reader: if there are too many waiting lines, new ones are dropped and
 * counted, and the next line that is written says how many.
 */
export class LineWriter {
  readonly #encoder = new TextEncoder();
  #waiting = "";
  #lines = 0;
  #lost = 0;
  /** Whether a line was dropped. Then all further lines are dropped too, until there is room again. */
  #full = false;
  /** Whether the last line that was written has no end. */
  #torn = false;
  #writing: Promise<void> | undefined;
  #wroteAt = -Infinity;
  /** Ends the rest before the next write. */
  #wake: (() => void) | undefined;
  #closing = false;

  /** `lostLines` gives the line that says how many are lost. */
  constructor(
    readonly stream: LineStream,
    readonly lostLines: (count: number) => string,
    readonly max: number = defaultMax,
  ) {}

  /** Adds a line. */
  write(line: string): void {
    this.#full ||= this.#lines > 0 && this.#waiting.length + line.length > this.max;
    if (this.#full) {
      this.#lost++;
      this.#wake?.();
      return;
    }
    this.#waiting += `${line}\n`;
    this.#lines++;
    this.#writing ??= this.#drain();
    if (this.#waiting.length > maxResting) this.#wake?.();
  }

  /** Waits until all lines are written, at most `ms` milliseconds, and returns how many are lost. Ends the writer. */
  async close(ms: number): Promise<number> {
    this.#closing = true;
    this.#wake?.();
    const late = new AbortController();
    await Promise.race([this.#writing, wait(ms, undefined, late).catch(() => {})]);
    late.abort();
    return this.#lost + this.#lines;
  }

  async #drain(): Promise<void> {
    while (this.#lines > 0) {
      await this.#rest();
      this.#wroteAt = performance.now();
      const lines = this.#lines, lost = this.#lost;
      const bytes = this.#encoder.encode(
        lost === 0 ? this.#waiting : `${this.#torn ? "\n" : ""}${this.#waiting}${this.lostLines(lost)}\n`,
      );
      this.#waiting = "";
      this.#full = false;
      // They count as lost until they are written.
      this.#lines = 0;
      this.#lost = lines + lost;
      if (await this.#written(bytes)) this.#lost -= lines + lost;
    }
    this.#writing = undefined;
  }

  async #rest(): Promise<void> {
    const ms = this.#wroteAt + restMs - performance.now();
    const isUrgent = this.#closing || this.#full || this.#waiting.length > maxResting;
    if (ms <= 0 || isUrgent) return await setImmediate();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }

  /** `false` if the reader is gone or the disk is full. That loses lines, but must not stop the runtime. */
  async #written(bytes: Uint8Array): Promise<boolean> {
    let done = 0;
    try {
      while (done < bytes.length) done += await this.#write(bytes.subarray(done));
      return true;
    } catch {
      return false;
    } finally {
      if (done > 0) this.#torn = bytes[done - 1] !== lineEnd;
    }
  }

  async #write(bytes: Uint8Array): Promise<number> {
    try {
      return await this.stream.write(bytes);
    } catch (error) {
      // The program that started this process made the stream non-blocking.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await wait(askAgain);
      return 0;
    }
  }
}
