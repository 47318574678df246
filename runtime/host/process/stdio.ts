import { readLines } from "./lines.ts";

// Of what it wrote to its standard error, as much says why a process ended.
const lastLines = 5;

// V8 tells of its state before it ends a process, for those who look for faults in V8.
const dump = /^(?:<--- Last few GCs --->|# Fatal )/;
// What Deno adds to an error that ends it: numbers of frames in Deno itself.
const backtrace = /^(?:Stack backtrace:|\s*\d+: )/;
const outOfMemory = /^# Fatal .*out of memory/;

/** What a process writes to its standard output and error. */
export class ProcessOutput {
  /** The latest lines of its standard error. */
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

  /** Whether V8 has said that it has no memory left. */
  get ranOutOfMemory(): boolean {
    return this.#ranOutOfMemory;
  }

  /** Reads no more. */
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
