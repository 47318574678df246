/** A shell in a fresh folder, where `hopper` is this repository's: what a page of documentation shows is run in one. */

import { dirname, join } from "node:path";
import { freePort } from "./ports.ts";
import { cli } from "./hopper.ts";
import { type Program, run, start } from "./process.ts";

/** A session; what it started ends, and its folder goes, when it goes out of scope. */
export interface Session extends AsyncDisposable {
  /** Runs a line of shell to its end, and gives the lines that it printed. `cd` counts for the next ones. */
  run(command: string): Promise<string[]>;
  /** Starts `hopper run`, and waits until it is ready. Commands then find its embedded broker. */
  serve(command: string): Promise<Serving>;
  /** Writes a file below the folder that the session is in, and waits until what serves has taken it. */
  write(path: string, text: string): Promise<void>;
}

/** A runtime that a session started. */
export interface Serving {
  /** What it has printed so far. */
  lines(): string[];
  /** Waits for a line like this. */
  line(match: (line: string) => boolean): Promise<void>;
}

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
  const tidied = (lines: readonly string[]) => lines.flatMap((line) => tidy(line, port));
  return {
    async run(command) {
      const script = `${asInstalled(command)}\ncode=$?; pwd > '${where}'; exit $code`;
      const { code, stdout, stderr } = await run("sh", ["-c", `exec 2>&1\n${script}`], { cwd: folder, env });
      if (code !== 0) throw new Error(`\`${command}\` exited with ${code}: ${stdout}${stderr}`);
      folder = (await Deno.readTextFile(where)).trim();
      return tidied(stdout.trimEnd().split("\n")).filter((line, i) => line !== "" || i > 0);
    },
    async serve(command) {
      const flags = `--embedded-port ${port} --admin 127.0.0.1:0`;
      const script = `unset AMQP_URL RABBITMQ_URL CLOUDAMQP_URL\nexec ${asInstalled(command)} ${flags}`;
      const program = serving = start("sh", ["-c", script], { cwd: folder, env });
      await program.line(/^ Try: /, patience);
      return {
        lines: () => tidied(program.output),
        line: async (match) => void await program.line((line) => tidy(line, port).some(match), patience),
      };
    },
    async write(path, text) {
      const taken = serving?.furtherLines(/ (deployed|changed|updated) /, 1, patience);
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
      await taken;
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
    .replace(/\b\d\d:\d\d:\d\d\b/g, "00:00:00")
    .replace(/\b\d+ ms\b/g, "0 ms")
    .replace(/\b[0-9a-f]{4,8}(…|(-[0-9a-f]{4}){3}-[0-9a-f]{12})/g, "…");
}

function asInstalled(command: string): string {
  return command.replace("deno run -A npm:@hopper/hopper", "hopper");
}

/** A line as who has the usual ports sees it; none for what Deno says of its tasks. */
function tidy(line: string, port: number): string[] {
  if (line.startsWith("Task ")) return [];
  return [
    line
      .replace(` --broker amqp://127.0.0.1:${port}`, "")
      .replace(`127.0.0.1:${port}`, "127.0.0.1:5672")
      .replace(/127\.0\.0\.1:\d+(?=\/healthz)/, "127.0.0.1:8672"),
  ];
}
