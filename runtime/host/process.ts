import { HostUnavailable } from "../core/run_errors.ts";
import { readLines } from "./lines.ts";
import { type Frame, FrameError } from "./wire/frame.ts";
import { fromHost } from "./wire/messages.ts";
import { FramePipe } from "./wire/pipe.ts";

/** What a process may do and have; two functions with the same spec could share one. */
export interface ProcessSpec {
  /** Deno's `--allow-…` flags. */
  readonly permissions: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Megabytes of heap. */
  readonly memory: number;
}

/** Where processes are started from. */
export interface ProcessHome {
  /** deno.json, for what its import map says. */
  readonly config: string | undefined;
  /** Folder for sockets, readable by this user alone. */
  readonly sockets: string;
  /** Told of each process that is there, and of each that is gone. */
  readonly guard: { add(pid: number): void; remove(pid: number): void };
}

/** Who gets what a process sends. */
export interface ProcessListener {
  onFrame(frame: Frame): void;
  /** A line that was written to its standard output or error. */
  onLine(line: string, isError: boolean): void;
}

const connectMs = 10_000;
const lastLines = 5;
const longestReason = 2000;

// A process that was told to end does so at once, unless its function is busy.
const closeMs = 1_000;

const main = new URL("./child/main.ts", import.meta.url);
const ownFolder = new URL("../", import.meta.url);

let count = 0;

/** A process of Deno's that loads and runs functions, and a connection to it. */
export class HostProcess {
  readonly #child: Deno.ChildProcess;
  readonly #pipe: FramePipe;
  #listener: ProcessListener | undefined;
  readonly #errors: string[];
  #fatal: string | undefined;
  /** Resolves when it is gone, with how it ended, as `exited with code 3`. */
  readonly ended: Promise<string>;

  private constructor(child: Deno.ChildProcess, pipe: FramePipe, output: Output) {
    this.#child = child;
    this.#pipe = pipe;
    this.#errors = output.errors;
    output.listener = () => this.#listener;
    const reading = pipe.read((frame) => this.#take(frame)).catch((error) => {
      // What does not speak the language cannot be trusted with a message.
      this.kill();
      if (!(error instanceof FrameError)) throw error;
    });
    this.ended = Promise.all([child.status, reading, output.read]).then(([status]) => {
      pipe.close();
      return this.#describe(status);
    });
  }

  /** Starts a process and waits until it is connected. Rejects with `HostUnavailable`. */
  static async start(spec: ProcessSpec, home: ProcessHome): Promise<HostProcess> {
    const socket = `${home.sockets}/${++count}`;
    using listener = Deno.listen({ transport: "unix", path: socket });
    const child = spawn(spec, home, socket);
    home.guard.add(child.pid);
    child.status.then(() => home.guard.remove(child.pid));
    const output = readOutput(child);
    const connection = await accepted(listener, child);
    await Deno.remove(socket);
    if (connection) return new HostProcess(child, new FramePipe(connection), output);
    kill(child);
    const [status] = await Promise.all([child.status, output.read]);
    const why = output.errors.join("\n") || `exited with code ${status.code}`;
    throw new HostUnavailable(why);
  }

  get pid(): number {
    return this.#child.pid;
  }

  listen(listener: ProcessListener): void {
    this.#listener = listener;
  }

  send(kind: number, id: number, head?: unknown, body?: Uint8Array): void {
    this.#pipe.send(kind, id, head, body);
  }

  kill(): void {
    kill(this.#child);
  }

  /** Lets it end, and waits until it has. */
  async close(): Promise<void> {
    this.#pipe.close();
    const timer = setTimeout(() => this.kill(), closeMs);
    await this.ended;
    clearTimeout(timer);
  }

  #take(frame: Frame): void {
    if (frame.kind === fromHost.fatal) this.#fatal = String(frame.head).slice(0, longestReason);
    else this.#listener?.onFrame(frame);
  }

  #describe({ code, signal }: Deno.CommandStatus): string {
    if (this.#fatal !== undefined) return `ended with an error that nobody caught: ${this.#fatal}`;
    const said = this.#errors.length === 0 ? "" : `: ${this.#errors.join("\n")}`;
    if (signal === "SIGTRAP" || signal === "SIGABRT" || signal === "SIGILL") {
      return `was ended by V8 (${signal}), as when its heap is full`;
    }
    return signal ? `was ended by ${signal}${said}` : `exited with code ${code}${said}`;
  }
}

interface Output {
  readonly errors: string[];
  readonly read: Promise<unknown>;
  listener: () => ProcessListener | undefined;
}

function readOutput(child: Deno.ChildProcess): Output {
  const errors: string[] = [];
  const output: { listener: Output["listener"] } = { listener: () => undefined };
  const read = Promise.all([
    readLines(child.stdout, (line) => output.listener()?.onLine(line, false)),
    readLines(child.stderr, (line) => {
      errors.push(line);
      if (errors.length > lastLines) errors.shift();
      output.listener()?.onLine(line, true);
    }),
  ]);
  return Object.assign(output, { errors, read });
}

function spawn(
  { permissions, env, memory }: ProcessSpec,
  home: ProcessHome,
  socket: string,
): Deno.ChildProcess {
  const own = ownFolder.protocol === "file:" ? [ownFolder.pathname] : [];
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--cached-only",
    ...(home.config === undefined ? ["--no-config"] : ["--config", home.config]),
    `--v8-flags=--max-old-space-size=${memory}`,
    ...merged(permissions, { read: [socket, ...own], write: [socket], net: [`unix:${socket}`] }),
    main.href,
    socket,
    own[0] ?? socket,
  ];
  return new Deno.Command(Deno.execPath(), {
    args,
    clearEnv: true,
    env: { ...cacheEnv(), NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A terminal's Ctrl-C is the runtime's alone.
    detached: true,
  }).spawn();
}

/** The flags with what the process itself needs; a flag without a list allows that already. */
function merged(flags: readonly string[], needed: Record<string, readonly string[]>): string[] {
  const others = flags.filter((flag) => !Object.keys(needed).some((kind) => isFlag(flag, kind)));
  const own = Object.entries(needed).map(([kind, values]) => {
    const flag = flags.find((flag) => isFlag(flag, kind));
    if (flag !== undefined && !flag.includes("=")) return flag;
    const listed = flag === undefined ? [] : [flag.slice(flag.indexOf("=") + 1)];
    return `--allow-${kind}=${[...listed, ...values].join(",")}`;
  });
  return [...others, ...own];
}

function isFlag(flag: string, kind: string): boolean {
  return flag === `--allow-${kind}` || flag.startsWith(`--allow-${kind}=`);
}

// Where Deno finds what was cached for the runtime.
function cacheEnv(): Record<string, string> {
  const { DENO_DIR, HOME, XDG_CACHE_HOME } = Deno.env.toObject();
  return Object.fromEntries(
    Object.entries({ DENO_DIR, HOME, XDG_CACHE_HOME }).filter((entry): entry is [string, string] =>
      entry[1] !== undefined
    ),
  );
}

/** The process's connection; `undefined` if it ends before, or takes too long. */
async function accepted(
  listener: Deno.UnixListener,
  child: Deno.ChildProcess,
): Promise<Deno.Conn | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), connectMs);
  const connecting = listener.accept().catch(() => undefined);
  const connection = await Promise.race([connecting, child.status.then(() => undefined), late]);
  clearTimeout(timer);
  return connection;
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}
