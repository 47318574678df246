/** A shell in a new folder, with this repository's `hopper`, to run what a page of documentation shows. */

import { dirname, join } from "node:path";
import { freePort } from "./ports.ts";
import { cli } from "./hopper.ts";
import { type Program, start } from "./process.ts";

/** A session. Its programs are ended, and its folder is removed, when it goes out of scope. */
export interface Session extends AsyncDisposable {
  /** Runs a line of shell to its end, and returns the lines that it printed. A `cd` stays in effect. */
  run(command: string): Promise<string[]>;
  /** Does the same with a command that must succeed. */
  do(command: string): Promise<string[]>;
  /** Starts `hopper run`, and waits until it is ready. Later commands find its embedded broker. */
  serve(command: string): Promise<Serving>;
  /** Writes a file below the session's current folder. For a function, waits until the running runtime serves it. */
  write(path: string, text: string): Promise<void>;
}

/** A runtime that a session started. */
export interface Serving {
  /** The lines that it has printed so far. */
  lines(): string[];
  /** Waits for a matching line. */
  line(match: (line: string) => boolean): Promise<void>;
}

/** Commands that write files, which the runtime serves a moment later. */
const placesFunctions = /\bhopper (new|deploy)\b(?!.*--dry-run)/;

const patience = { timeout: 60_000 };

/** Whether a command keeps running, as a server in the session. */
export function stays(command: string): boolean {
  return /^(deno task|hopper|deno task hopper) run\b/.test(command);
}

/** Opens a session. Its runtime listens on free ports, and its output shows the usual ones. */
export async function openSession(): Promise<Session> {
  const root = await Deno.makeTempDir({ prefix: "hopper-session-" });
  const programs = join(root, "bin");
  const where = join(root, "where");
  let folder = join(root, "work");
  let serving: Program | undefined;
  const port = freePort();
  await Deno.mkdir(programs);
  await Deno.mkdir(folder);
  await Deno.writeTextFile(
    join(programs, "hopper"),
    `#!/bin/sh\nexec '${Deno.execPath()}' ${cli().map((word) => `'${word}'`).join(" ")} "$@"\n`,
    { mode: 0o755 },
  );
  const env = {
    NO_COLOR: "1",
    PATH: [programs, dirname(Deno.execPath()), Deno.env.get("PATH")].join(":"),
    AMQP_URL: `amqp://127.0.0.1:${port}`,
  };
  const tidied = (lines: readonly string[]) => lines.map((line) => tidy(line, port));
  const deployed = () => serving?.furtherLines(/^[\d:]+ \+ \S+ deployed /, 1, patience);
  const shell = async (command: string) => {
    const script = `${asInstalled(command)}\ncode=$?; pwd > '${where}'; exit $code`;
    await using program = start("sh", ["-c", `exec 2>&1\n${script}`], { cwd: folder, env });
    const taken = placesFunctions.test(command) ? deployed() : undefined;
    const [{ code, stdout }] = await Promise.all([program.exit(patience), taken]);
    folder = (await Deno.readTextFile(where)).trim();
    const lines = stdout.split("\n").filter((line) => !line.startsWith("Task "));
    return { code, lines: tidied(lines.join("\n").trim().split("\n")) };
  };
  return {
    run: async (command) => (await shell(command)).lines,
    async do(command) {
      const { code, lines } = await shell(command);
      if (code !== 0) throw new Error(`\`${command}\` exited with ${code}:\n${lines.join("\n")}`);
      return lines;
    },
    async serve(command) {
      const flags = `--embedded-port ${port} --admin 127.0.0.1:0`;
      const script = `unset AMQP_URL RABBITMQ_URL CLOUDAMQP_URL\nexec ${asInstalled(command)} ${flags}`;
      const program = serving = start("sh", ["-c", script], { cwd: folder, env });
      await program.line(/^ Try: /, patience);
      return {
        lines: () => tidied(program.output.filter((line) => !line.startsWith("Task "))),
        line: async (match) => void await program.line((line) => match(tidy(line, port)), patience),
      };
    },
    async write(path, text) {
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      const written = Deno.writeTextFile(join(folder, path), text);
      await Promise.all([written, path.startsWith("functions/") ? deployed() : undefined]);
    },
    async [Symbol.asyncDispose]() {
      await serving?.[Symbol.asyncDispose]();
      await Deno.remove(root, { recursive: true });
    },
  };
}

/** A line without times, durations and ids, which differ between two runs. */
export function withoutChance(line: string): string {
  return line
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…")
    .replace(/\b\d\d:\d\d:\d\d\b/g, "00:00:00")
    .replace(/\b\d+ ms\b/g, "0 ms")
    .replace(/\b01[0-9A-HJKMNP-TV-Z]{2,24}(…|\b)/g, "…");
}

function asInstalled(command: string): string {
  return command.replace("deno run -A npm:@hopper/hopper", "hopper");
}

/** A line as it looks with the usual ports. */
function tidy(line: string, port: number): string {
  return line
    .replace(` --broker amqp://127.0.0.1:${port}`, "")
    .replace(`127.0.0.1:${port}`, "127.0.0.1:5672")
    .replace(/127\.0\.0\.1:\d+(?=\/(?:healthz|\?token))/, "127.0.0.1:8672")
    .replace(/\?token=\S+/, "?token=…");
}
