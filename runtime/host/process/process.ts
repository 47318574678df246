import type { ProcessGuard } from "../../core/deno_command.ts";
import { describeError, headline } from "../../core/api/errors.ts";
import { HostUnavailable } from "../../core/ports/run_errors.ts";
import { inspectedLoadMs } from "./inspector.ts";
import type { MemoryWatch } from "./memory_watch.ts";
import { ProcessOutput } from "./stdio.ts";
import type { Packages } from "../source/packages.ts";
import type { RuntimeFolder } from "./runtime_folder.ts";
import { kill, type ProcessSpec, spawn } from "./spawn.ts";
import type { Frame } from "../wire/frame.ts";
import { fromHost } from "../wire/messages.ts";
import { FramePipe, runtimeEnd } from "../wire/pipe.ts";

/** What processes need to be started. */
export interface ProcessHome {
  readonly packages: Pick<Packages, "flags" | "install">;
  /** The folder for sockets and Deno's cache. */
  readonly folder: RuntimeFolder;
  /** Watches the memory of processes. */
  readonly memory: MemoryWatch;
  /** Ends the processes if the runtime dies. */
  readonly guard: ProcessGuard;
}

/** Receives what a process sends. */
export interface ProcessListener {
  onFrame(frame: Frame): void;
  /** A line that was written to its standard output or error. */
  onLine(line: string, isError: boolean): void;
}

const connectMs = 10_000;
const maxReason = 2000;

// A process ends at once when it is asked to, unless its function is busy.
const closeMs = 1_000;

// The last output is read at once, unless a program that the process started keeps the output open.
const lastWordsMs = 500;

const lacksPackages = /--cached-only is specified/;

let count = 0;

/** A Deno process that loads and runs functions, and the connection to it. */
export class HostProcess {
  readonly #child: Deno.ChildProcess;
  readonly #pipe: FramePipe;
  readonly #output: ProcessOutput;
  readonly #memory: number;
  #listener: ProcessListener | undefined;
  #closing = false;
  /** Why it ends, if that is known before. */
  #reason: string | undefined;
  /** Resolves when it is gone, with how it ended, such as `exited with code 3`. */
  readonly ended: Promise<string>;

  private constructor(child: Deno.ChildProcess, pipe: FramePipe, output: ProcessOutput, memory: number) {
    this.#child = child;
    this.#pipe = pipe;
    this.#output = output;
    this.#memory = memory;
    output.onLine = (line, isError) => this.#listener?.onLine(line, isError);
    this.ended = this.#readToTheEnd();
  }

  /** Starts a process and waits until it is connected. Rejects with `HostUnavailable`, also when `stop` aborts. */
  static async start(spec: ProcessSpec, home: ProcessHome, stop?: AbortSignal): Promise<HostProcess> {
    try {
      return await HostProcess.#start(spec, home, stop);
    } catch (error) {
      // Deno needs all packages in the lock file, even those that the function does not import.
      if (!lacksPackages.test(describeError(error)) || await home.packages.install() === "failed") {
        throw error;
      }
      return await HostProcess.#start(spec, home, stop);
    }
  }

  static async #start(spec: ProcessSpec, home: ProcessHome, stop?: AbortSignal): Promise<HostProcess> {
    const { folder } = home;
    await folder.prepare();
    const socket = `${folder.path}/${++count}`;
    using listener = Deno.listen({ transport: "unix", path: socket });
    const child = spawn(spec, { flags: home.packages.flags(spec.config), cache: folder.cache }, socket);
    home.guard.add(child.pid);
    child.status.then(() => home.guard.remove(child.pid));
    const output = new ProcessOutput(child);
    const connection = await accepted(listener, child, spec.inspector ? inspectedLoadMs : connectMs, stop);
    await Deno.remove(socket);
    if (connection) {
      const process = new HostProcess(child, new FramePipe(connection, runtimeEnd), output, spec.memory);
      home.memory.add(child.pid, spec.memory, () => process.#tookTooMuch());
      child.status.then(() => home.memory.remove(child.pid));
      return process;
    }
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

  /** Sends what waits at once, and not together with what follows. */
  flush(): void {
    this.#pipe.flush();
  }

  kill(): void {
    kill(this.#child);
  }

  #tookTooMuch(): void {
    this.#reason ??= `took too much memory outside of its heap: its setting 'memory' is ${this.#memory}MB`;
    this.kill();
  }

  /** Asks it to end, and waits until it has. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#pipe.close();
    const timer = setTimeout(() => this.kill(), closeMs);
    await this.ended;
    clearTimeout(timer);
  }

  async #readToTheEnd(): Promise<string> {
    const reading = this.#readFrames();
    const status = await this.#child.status;
    const timer = setTimeout(() => this.#output.stop(), lastWordsMs);
    await Promise.all([reading, this.#output.read]);
    clearTimeout(timer);
    this.#pipe.close();
    return this.#describe(status);
  }

  async #readFrames(): Promise<void> {
    try {
      await this.#pipe.read((frame) => this.#take(frame));
    } catch (error) {
      // A process that sends invalid frames cannot be trusted with messages.
      this.#reason ??= `sent what the runtime cannot read: ${headline(error)}`;
    }
    // Without its connection it is useless, but might run for ever.
    if (!this.#closing) this.kill();
  }

  #take(frame: Frame): void {
    if (frame.kind === fromHost.fatal) {
      const error = String(frame.head).slice(0, maxReason);
      this.#reason ??= `ended with an error that nobody caught: ${error}`;
    } else this.#listener?.onFrame(frame);
  }

  #describe({ code, signal }: Deno.CommandStatus): string {
    if (this.#output.ranOutOfMemory) return `ran out of memory: its setting 'memory' is ${this.#memory}MB`;
    if (this.#reason !== undefined) return this.#reason;
    const { errors } = this.#output;
    const said = errors.length === 0 ? "" : `: ${errors.join("\n")}`;
    return signal ? `was ended by ${signal}${said}` : `exited with code ${code}${said}`;
  }
}

/** The process's connection; `undefined` if it ends before it connects, takes longer than `ms`, or is stopped. */
async function accepted(
  listener: Deno.UnixListener,
  child: Deno.ChildProcess,
  ms: number,
  stop?: AbortSignal,
): Promise<Deno.Conn | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const giveUp = () => resolve(undefined);
  const timer = setTimeout(giveUp, ms);
  stop?.addEventListener("abort", giveUp, { once: true });
  if (stop?.aborted) giveUp();
  const connecting = listener.accept().catch(() => undefined);
  const connection = await Promise.race([connecting, child.status.then(() => undefined), late]);
  clearTimeout(timer);
  stop?.removeEventListener("abort", giveUp);
  return connection;
}
