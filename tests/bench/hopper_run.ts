/** `hopper run` as a person starts it, with one function that does nothing. */

/** What is started. */
export interface RuntimeOptions {
  readonly broker: string;
  /** The admin API's port. */
  readonly port: number;
  readonly queue: string;
  /** The function's options, as in its file: `prefetch: 100`. */
  readonly options: string;
}

/** Starts a runtime whose log nobody reads, and waits until it is ready. */
export async function startRuntime(
  { broker, port, queue, options }: RuntimeOptions,
): Promise<{ readonly pid: number } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "hopper-bench-" });
  await Deno.mkdir(`${folder}/functions`);
  await Deno.writeTextFile(
    `${folder}/functions/work.ts`,
    `import { queue } from "hopper";
export default queue("${queue}", { ${options}, codec: "bytes" }, () => {});
`,
  );
  const main = new URL("../../runtime/cli/main.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", main, "run", "--admin", `127.0.0.1:${port}`],
    cwd: folder,
    env: { AMQP_URL: broker },
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  while (!await isReady(port)) await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    const { ok, body } = await fetch(`http://127.0.0.1:${port}/readyz`);
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
}
