/** A broker in its own process, so that a test can kill it. */
import { startBroker } from "../../runtime/broker/mod.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** Sets its wall clock wrong by this many ms, and waits until that is done. */
  setClock(offset: number): Promise<void>;
  /** Kills it as in a crash, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a broker on a free port and resolves when clients can connect. */
export async function startServerProcess(data: string, offset = 0): Promise<ServerProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.url, data, `${offset}`],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const stdin = process.stdin.getWriter();
  const { value: url } = await lines.read();
  if (url === undefined) throw new Error("The broker's process ended before it listened");
  let killed: Promise<void> | undefined;
  const end = async () => {
    process.kill("SIGKILL");
    await process.status;
    await stdin.close().catch(() => {});
    await lines.cancel();
  };
  const setClock = async (offset: number) => {
    await stdin.write(new TextEncoder().encode(`${offset}\n`));
    await lines.read();
  };
  const kill = () => killed ??= end();
  return { url: url.trim(), setClock, kill, [Symbol.asyncDispose]: kill };
}

if (import.meta.main) {
  const wallClock = Date.now;
  const setClock = (offset: number) => Date.now = () => wallClock() + offset;
  setClock(Number(Deno.args[1]));
  const broker = await startBroker({ port: 0, data: Deno.args[0] });
  console.log(broker.url);
  // So that it ends with the test, even if the test is killed.
  for await (const offset of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    setClock(Number(offset));
    console.log("set");
  }
  await broker.close();
}
