import { readLines } from "./lines.ts";

// The last lines of its standard error say why a process ended.
const lastLines = 5;

// V8 prints its internal state before it ends a process. That helps only V8's developers.
const dump = /^(?:<--- Last few GCs --->|# Fatal )/;
// Deno adds frames of its own code to an error that ends it.
const backtrace = /^(?:Stack backtrace:|\s*\d+: )/;
const outOfMemory = /^# Fatal .*out of memory/;

/** What a process writes to its standard output and error. */
export class ProcessOutput {
  /** The last lines of its standard error. */
  readonly errors: string[] = [];
  /** Resolves when there is no more. */
  readonly read: Promise<unknown>;
  /** Takes each line. */
  onLine: (line: string, isError: boolean) => void = () => {};
  readonly #stopping = new AbortController();
  #dumps = false;
  #backtraces = false;
  #ranOutOfMemory = false;

  constructor({ stdout, stderr }: Deno.ChildProcess) {
    const { signal } = this.#stopping;
    this.read = Promise.all([
      readLines(stdout, (line) => this.onLine(line, false), signal),
      readLines(stderr, (line) => this.#takeError(line), signal),
    ]);
  }

  /** Whether V8 reported that it has no memory left. */
  get ranOutOfMemory(): boolean {
    return this.#ranOutOfMemory;
  }

  /** Stops reading. */
  stop(): void {
    this.#stopping.abort();
  }

  #isBacktrace(line: string): boolean {
    this.#backtraces = backtrace.test(line) && (this.#backtraces || line.startsWith("Stack backtrace:"));
    return this.#backtraces;
  }

  #takeError(line: string): void {
    this.#dumps ||= dump.test(line);
    this.#ranOutOfMemory ||= outOfMemory.test(line);
    if (this.#dumps || this.#isBacktrace(line)) return;
    this.errors.push(line);
    if (this.errors.length > lastLines) this.errors.shift();
    this.onLine(line, true);
  }
}
