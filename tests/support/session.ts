/** A shell in a fresh folder, where `hopper` is this repository's: what a page of documentation shows is run in one. */

import { dirname, join } from "node:path";
import { freePort } from "./ports.ts";
import { cli } from "./hopper.ts";
import { type Program, start } from "./process.ts";

/** A session; what it started ends, and its folder goes, when it goes out of scope. */
export interface Session extends AsyncDisposable {
  /** Runs a line of shell to its end, and gives the lines that it printed. `cd` counts for the next ones. */
  run(command: string): Promise<string[]>;
  /** The same of a command that has to succeed. */
  do(command: string): Promise<string[]>;
  /** Starts `hopper run`, and waits until it is ready. Commands then find its embedded broker. */
  serve(command: string): Promise<Serving>;
  /** Writes a file below the folder that the session is in, and waits until what serves has taken a function. */
  write(path: string, text: string): Promise<void>;
}

/** A runtime that a session started. */
export interface Serving {
  /** What it has printed so far. */
  lines(): string[];
  /** Waits for a line like this. */
  line(match: (line: string) => boolean): Promise<void>;
}

/** Commands whose files the runtime takes a moment later. */
const placesFunctions = /\bhopper (new|deploy)\b(?!.*--dry-run)/;

const patience = { timeout: 60_000 };

/** Whether a command stays: then a session serves it. */
export function stays(command: string): boolean {
  return /^(deno task|hopper|deno task hopper) run\b/.test(command);
}

/** Opens a session. Its runtime listens on ports of its own, and is shown with the usual ones. */
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

/** What is told apart in two prints of the same: no times, durations and ids. */
export function withoutChance(line: string): string {
  return line
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…")
    .replace(/\b\d\d:\d\d:\d\d\b/g, "00:00:00")
    .replace(/\b\d+ ms\b/g, "0 ms")
    .replace(/\b[0-9a-f]{4,8}(…|(-[0-9a-f]{4}){3}-[0-9a-f]{12})/g, "…");
}

function asInstalled(command: string): string {
  return command.replace("deno run -A npm:@hopper/hopper", "hopper");
}

/** A line as who has the usual ports sees it. */
function tidy(line: string, port: number): string {
  return line
    .replace(` --broker amqp://127.0.0.1:${port}`, "")
    .replace(`127.0.0.1:${port}`, "127.0.0.1:5672")
    .replace(/127\.0\.0\.1:\d+(?=\/healthz)/, "127.0.0.1:8672");
}
