/** The processes of a measurement: their output goes to a file, which nobody reads unless something fails. */

import { tiedToThisProcess } from "../support/process.ts";

/** A program, its arguments and what is different in its environment. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export class Running {
  readonly #child: Deno.ChildProcess;
  readonly #output: string;
  /** How it ended, once it has. */
  ended: Deno.CommandStatus | undefined;

  constructor({ program, args, env, cwd }: CommandLine, output: string) {
    this.#output = output;
    const toFile = 'exec "$0" "$@" >"$BENCH_OUTPUT" 2>&1';
    const [command, all] = tiedToThisProcess("sh", ["-c", toFile, program, ...args]);
    this.#child = new Deno.Command(command, {
      args: all,
      env: { NO_COLOR: "1", ...env, BENCH_OUTPUT: output },
      cwd,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#child.status.then((status) => this.ended = status);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The last lines that it printed. */
  said(lines = 12): string {
    try {
      return Deno.readTextFileSync(this.#output).trimEnd().split("\n").slice(-lines).join("\n");
    } catch {
      return "";
    }
  }

  /** Waits until it ends by itself. */
  async exit(): Promise<Deno.CommandStatus> {
    return await this.#child.status;
  }

  /** Ends it. Hopper ends the processes of its functions; it is killed if it takes longer than 10 s. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.ended) return;
    const kill = (signal: Deno.Signal) => {
      try {
        this.#child.kill(signal);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // It has ended.
      }
    };
    kill(signal);
    const timer = setTimeout(() => kill("SIGKILL"), 10_000);
    await this.#child.status;
    clearTimeout(timer);
  }
}

/** Runs a program to its end. @throws Error with what it printed if it fails */
export async function runToEnd(command: CommandLine, output: string): Promise<void> {
  const running = new Running(command, output);
  const { success, code } = await running.exit();
  if (!success) throw new Error(`'${command.program}' ended with code ${code}:\n${running.said()}`);
}
