/** Real processes in tests: start one, wait for its output, send it signals, and never leave it behind. */

/** How {@linkcode start} runs a program. */
export interface ProgramOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** Written to its stdin, which is then closed. Empty by default. */
  input?: string;
}

/** How a program ended. */
export interface Exit {
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** Selects lines. */
export type Match = string | RegExp | ((line: string) => boolean);

const TIMEOUT = 20_000;
/** A disposed program is killed if it has not ended this long after SIGTERM. */
const GRACE = 5_000;
/** How many lines are kept. Older ones are dropped. */
const MAX_LINES = 50_000;

/**
 * Starts a program. It is ended when it goes out of scope, and killed if the tests are killed.
 *
 * ```ts ignore
 * await using worker = start("/usr/bin/python3", ["worker.py"], { env: { AMQP_URL: url } });
 * await worker.line("waiting");
 * worker.signal("SIGTERM");
 * assert.equal((await worker.exit()).code, 0);
 * ```
 */
export function start(program: string, args: string[], options: ProgramOptions = {}): Program {
  return new Program(program, args, options);
}

/** Runs a program to its end. The caller must check its exit code. */
export async function run(program: string, args: string[], options: ProgramOptions = {}): Promise<Exit> {
  await using running = start(program, args, options);
  return await running.exit();
}

/** A running program. */
export class Program implements AsyncDisposable {
  readonly pid: number;
  /** The lines printed so far on stdout and stderr, in the order in which they arrived. */
  readonly output: string[] = [];
  readonly #title: string;
  readonly #child: Deno.ChildProcess;
  readonly #watchers = new Set<{ line(line: string): void; end(): void }>();
  readonly #exit: Promise<Exit>;
  #ended = false;

  constructor(program: string, args: string[], { cwd, env, input }: ProgramOptions) {
    this.#title = [program, ...args].join(" ");
    const [command, commandArgs] = tiedToThisProcess(program, args);
    this.#child = new Deno.Command(command, {
      args: commandArgs,
      cwd,
      env,
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    this.#exit = this.#watch(input);
  }

  /**
   * The first matching line, past or future.
   *
   * @throws Error with what was printed instead, when the time (ms) is over or the program has ended
   */
  async line(match: Match, { timeout = TIMEOUT } = {}): Promise<string> {
    const [line] = await this.lines(match, 1, { timeout });
    return line!;
  }

  /** The first `count` matching lines, past or future. */
  lines(match: Match, count: number, { timeout = TIMEOUT } = {}): Promise<string[]> {
    const matches = matcher(match);
    const found = this.output.filter(matches).slice(0, count);
    if (found.length === count) return Promise.resolve(found);
    return this.#await(matches, found, { match, count, timeout });
  }

  /** Waits for `count` more matching lines, apart from those that were printed already. */
  furtherLines(match: Match, count: number, { timeout = TIMEOUT } = {}): Promise<string[]> {
    return this.#await(matcher(match), [], { match, count, timeout });
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends a signal. Does nothing if the program has ended. */
  signal(signal: Deno.Signal): void {
    if (this.#ended) return;
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // It has ended, and its output is still being read.
    }
  }

  /** Waits until the program ends by itself. */
  async exit({ timeout = TIMEOUT } = {}): Promise<Exit> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#failure(`still runs after ${timeout} ms`)), timeout);
    });
    try {
      return await Promise.race([this.#exit, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), GRACE);
    await this.#exit;
    clearTimeout(timer);
  }

  #await(
    matches: (line: string) => boolean,
    found: string[],
    { match, count, timeout }: { match: Match; count: number; timeout: number },
  ): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        settle();
      };
      const fail = (why: string) =>
        finish(() =>
          reject(this.#failure(`printed ${found.length} of ${count} lines like ${describe(match)} ${why}`))
        );
      const timer = setTimeout(() => fail(`within ${timeout} ms`), timeout);
      const watcher = {
        line(line: string) {
          if (matches(line) && found.push(line) === count) finish(() => resolve(found));
        },
        end: () => fail("before it ended"),
      };
      this.#watchers.add(watcher);
      if (this.#ended) watcher.end();
    });
  }

  async #watch(input: string | undefined): Promise<Exit> {
    const [stdout, stderr] = await Promise.all([
      this.#read(this.#child.stdout),
      this.#read(this.#child.stderr),
      input === undefined ? undefined : write(this.#child.stdin, input),
    ]);
    const { code, signal } = await this.#child.status;
    this.#ended = true;
    for (const watcher of this.#watchers) watcher.end();
    return { code, signal, stdout, stderr };
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
    let text = "";
    let rest = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.heard(line);
    }
    if (rest) this.heard(rest);
    return text;
  }

  /** Handles every line. */
  protected heard(line: string): void {
    this.output.push(line);
    if (this.output.length > MAX_LINES) this.output.shift();
    for (const watcher of this.#watchers) watcher.line(line);
  }

  #failure(what: string): Error {
    const printed = this.output.slice(-30).map((line) => `  ${line}`).join("\n") || "  (nothing)";
    return new Error(`"${this.#title}" ${what}; it printed:\n${printed}`);
  }
}

/** A command line that makes the kernel (only Linux) kill the program when this process ends for any reason. */
export function tiedToThisProcess(program: string, args: string[]): [string, string[]] {
  if (Deno.build.os !== "linux") return [program, args];
  return ["setpriv", ["--pdeathsig", "KILL", program, ...args]];
}

async function write(stdin: WritableStream<Uint8Array>, input: string): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
}

function matcher(match: Match): (line: string) => boolean {
  if (typeof match === "string") return (line) => line.includes(match);
  if (match instanceof RegExp) return (line) => match.test(line);
  return match;
}

function describe(match: Match): string {
  return typeof match === "string" ? `"${match}"` : `${match}`;
}
