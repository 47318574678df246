import { setImmediate, setTimeout as wait } from "node:timers/promises";

/** Where lines go: `Deno.stdout`, whose `write` waits for its reader beside the event loop. */
export interface LineStream {
  write(bytes: Uint8Array): Promise<number>;
}

/** Characters that may wait for a stream that is slow to take them, beside as many that it is taking. */
const defaultMost = 1024 * 1024;

/** ms until a stream is asked again that would rather have been waited for. */
const askAgain = 20;

/**
 * Writes lines to a stream, those of one turn of the event loop together, and never waits for who reads it: while
 * nobody does, lines beyond a limit are dropped and counted, and the next one that is written says how many.
 */
export class LineWriter {
  readonly #encoder = new TextEncoder();
  #waiting = "";
  #lines = 0;
  #lost = 0;
  /** A line was dropped for want of room, so that those behind it are too, until there is room again. */
  #full = false;
  #writing: Promise<void> | undefined;

  /** @param lostLines the line that says how many are lost */
  constructor(
    readonly stream: LineStream,
    readonly lostLines: (count: number) => string,
    readonly most: number = defaultMost,
  ) {}

  /** Adds a line. */
  write(line: string): void {
    this.#full ||= this.#lines > 0 && this.#waiting.length + line.length > this.most;
    if (this.#full) {
      this.#lost++;
      return;
    }
    this.#waiting += `${line}\n`;
    this.#lines++;
    this.#writing ??= this.#drain();
  }

  /** Resolves with how many lines are lost once all others are written, or after `ms`. The writer is not used again. */
  async close(ms: number): Promise<number> {
    const late = new AbortController();
    await Promise.race([this.#writing, wait(ms, undefined, late).catch(() => {})]);
    late.abort();
    return this.#lost + this.#lines;
  }

  async #drain(): Promise<void> {
    await setImmediate();
    while (this.#lines > 0) {
      const lines = this.#lines, lost = this.#lost;
      const bytes = this.#encoder.encode(
        lost === 0 ? this.#waiting : `${this.#waiting}${this.lostLines(lost)}\n`,
      );
      this.#waiting = "";
      this.#full = false;
      // Lost, until they are written.
      this.#lines = 0;
      this.#lost = lines + lost;
      if (await this.#written(bytes)) this.#lost -= lines + lost;
    }
    this.#writing = undefined;
  }

  /** False for a reader that has gone away, or a full disk: it costs the lines, not the runtime. */
  async #written(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#write(rest));
      return true;
    } catch {
      return false;
    }
  }

  async #write(bytes: Uint8Array): Promise<number> {
    try {
      return await this.stream.write(bytes);
    } catch (error) {
      // Whoever started this process made the stream one that does not wait.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await wait(askAgain);
      return 0;
    }
  }
}
