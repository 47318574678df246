import { ArgumentError, describeError } from "../core/api/errors.ts";
import type { LineStream } from "./line_writer.ts";

/** After this many milliseconds, a write looks first whether the file was moved, or can be written again. */
const lookAgain = 1_000;

/**
 * A file that lines are added to. Where a rotation moves or deletes it, it is made again with the next line, a second
 * later at the latest. While it cannot be written, lines are refused, and it is tried once a second.
 */
export class LogFile implements LineStream {
  readonly path: string;
  readonly #report: (trouble: string) => void;
  #file: Deno.FsFile;
  #identity: string;
  #lookAt = performance.now() + lookAgain;
  #trouble: unknown;
  #reported = false;

  /**
   * Throws an `ArgumentError` if the file cannot be written. If that begins later, `report` is told, once until it can be
   * written again.
   */
  static async open(path: string, report: (trouble: string) => void): Promise<LogFile> {
    try {
      return new LogFile(path, await openForLines(path), report);
    } catch (error) {
      throw new ArgumentError(`The log file '${path}' cannot be written: ${describeError(error)}`);
    }
  }

  private constructor(path: string, { file, identity }: Opened, report: (trouble: string) => void) {
    this.path = path;
    this.#file = file;
    this.#identity = identity;
    this.#report = report;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const now = performance.now();
    const looks = now >= this.#lookAt;
    if (looks) this.#lookAt = now + lookAgain;
    else if (this.#trouble !== undefined) throw this.#trouble;
    try {
      if (looks) await this.#follow();
      const size = await this.#file.write(bytes);
      [this.#trouble, this.#reported] = [undefined, false];
      return size;
    } catch (error) {
      this.#trouble = error;
      this.#lookAt = performance.now() + lookAgain;
      if (!this.#reported) this.#report(describeError(error));
      this.#reported = true;
      throw error;
    }
  }

  close(): void {
    this.#file.close();
  }

  /** Opens the file that has the path now, if it is another one. */
  async #follow(): Promise<void> {
    const found = await Deno.stat(this.path).catch(unlessMissing);
    if (found !== undefined && identityOf(found) === this.#identity) return;
    const { file, identity } = await openForLines(this.path);
    this.#file.close();
    [this.#file, this.#identity] = [file, identity];
  }
}

interface Opened {
  readonly file: Deno.FsFile;
  readonly identity: string;
}

// Its owner and a collector's group may read it: handlers log what they like.
const mode = 0o640;

async function openForLines(path: string): Promise<Opened> {
  // To open a pipe that nobody reads would wait for its reader.
  if ((await Deno.stat(path).catch(unlessMissing))?.isFifo) throw new TypeError("It is a pipe");
  const file = await Deno.open(path, { append: true, create: true, mode });
  try {
    return { file, identity: identityOf(await file.stat()) };
  } catch (error) {
    file.close();
    throw error;
  }
}

function identityOf({ dev, ino }: Deno.FileInfo): string {
  return `${dev} ${ino}`;
}

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
