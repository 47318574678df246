/** A program on a real terminal: what it prints is read, and keys are pressed. */

import assert from "node:assert/strict";
import { tiedToThisProcess } from "./process.ts";

const TIMEOUT = 20_000;

/** Runs a program on a new pseudo-terminal, and passes on what comes and goes. */
const relay = `import fcntl, os, pty, select, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
open_files = [0, terminal]
while terminal in open_files:
    for file in select.select(open_files, [], [])[0]:
        try:
            data = os.read(file, 65536)
        except OSError:
            data = b""
        if data:
            os.write(1 if file == terminal else terminal, data)
        else:
            open_files.remove(file)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255)`;

/** Where and with what a program runs. */
export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A running program with a terminal. It is killed when it goes out of scope. */
export class Terminal implements AsyncDisposable {
  /** All that it printed. */
  text = "";
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #read: Promise<void>;
  #changed = Promise.withResolvers<void>();
  #seen = 0;
  #ended = false;

  constructor(program: string, args: string[], options: TerminalOptions) {
    const [command, commandArgs] = tiedToThisProcess("/usr/bin/python3", ["-c", relay, program, ...args]);
    this.#child = new Deno.Command(command, {
      ...options,
      env: { TERM: "xterm", NO_COLOR: "1", ...options.env },
      args: commandArgs,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#read = this.#readAll();
  }

  /** Presses keys. */
  async press(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  /** Waits until it prints this, after what was waited for before. Returns the match. */
  async shows(match: RegExp): Promise<RegExpExecArray> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`Not shown within ${TIMEOUT} ms: ${match}\n${this.text}`)),
        TIMEOUT,
      );
    });
    try {
      for (;;) {
        const found = match.exec(this.text.slice(this.#seen));
        if (found !== null) {
          this.#seen += found.index + found[0].length;
          return found;
        }
        if (this.#ended) throw new Error(`It ended without showing ${match}\n${this.text}`);
        await Promise.race([this.#changed.promise, late]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for its end, and returns its exit code. */
  async exit(): Promise<number> {
    await this.#read;
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.#keys.close().catch(() => {});
    await this.#read;
    await this.#child.status;
  }

  async #readAll(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
    this.#ended = true;
    this.#changed.resolve();
  }
}

/** Runs a command in a shell on a terminal. The shell then tells its exit code, and the terminal's settings. */
export function inShell(command: string[], options: TerminalOptions): Terminal {
  // The shell itself outlives Ctrl-C.
  const script = 'trap : INT; "$@"; echo "code $?"; stty -a | tr -s "; \\n" " "; echo "end"';
  return new Terminal("sh", ["-c", script, "sh", ...command], options);
}

/** What the shell told at the end. */
export async function endOf(terminal: Terminal): Promise<{ code: string; settings: string }> {
  const [, code] = await terminal.shows(/code (\d+)/);
  const [settings] = await terminal.shows(/.*end\r\n/s);
  await terminal.exit();
  return { code: code!, settings };
}

/** Checks that the terminal's settings, as `stty -a` tells them, are those of a shell. */
export function assertGivenBack(settings: string): void {
  for (const name of ["icanon", "echo", "isig"]) {
    assert.ok(settings.includes(` ${name} `), `${name} is on: ${settings}`);
  }
}
