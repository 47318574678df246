/** `hopper run` as a person starts it, with one function that does nothing. */

import { freePort } from "../support/ports.ts";
import { Running } from "./running.ts";

/** Longer than any start takes. */
const patienceMs = 60_000;

/** What is started. */
export interface RuntimeOptions {
  readonly broker: string;
  readonly queue: string;
  /** The function's options, as in its file: `prefetch: 100`. */
  readonly options: string;
}

/** A runtime that runs. */
export interface StartedRuntime extends AsyncDisposable {
  readonly pid: number;
  /** Where its admin API listens. */
  readonly admin: string;
  /** @throws Error with what it printed if it has ended */
  check(): void;
}

/** Starts a runtime whose log goes nowhere, and waits until it is ready. */
export async function startRuntime({ broker, queue, options }: RuntimeOptions): Promise<StartedRuntime> {
  const folder = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  await Deno.mkdir(`${folder}/functions`);
  await Deno.writeTextFile(
    `${folder}/functions/work.ts`,
    `import { queue } from "hopper";
export default queue("${queue}", { ${options}, codec: "bytes" }, () => {});
`,
  );
  const main = new URL("../../runtime/cli/main.ts", import.meta.url).pathname;
  const address = `127.0.0.1:${freePort()}`;
  const args = ["run", "-A", "--quiet", main, "run", "--admin", address, "--log-file", "/dev/null"];
  const command = { program: Deno.execPath(), args, cwd: folder, env: { AMQP_URL: broker } };
  const running = new Running(command, `${folder}/output`);
  const started: StartedRuntime = {
    pid: running.pid,
    admin: `http://${address}`,
    check() {
      if (running.ended) {
        throw new Error(`The runtime ended with code ${running.ended.code}:\n${running.said()}`);
      }
    },
    async [Symbol.asyncDispose]() {
      await running.end("SIGTERM");
      await Deno.remove(folder, { recursive: true });
    },
  };
  try {
    const until = performance.now() + patienceMs;
    while (!await isReady(started.admin)) {
      started.check();
      if (performance.now() > until) throw new Error(`The runtime is not ready after ${patienceMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
  return started;
}

async function isReady(admin: string): Promise<boolean> {
  try {
    const { ok, body } = await fetch(`${admin}/readyz`);
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
}
