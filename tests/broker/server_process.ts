/** A broker in a process of its own, so that a test can kill it. */
import { startBroker } from "../../runtime/broker/mod.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** Ends it as a crash would, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a broker on a free port and resolves when clients can connect. */
export async function startServerProcess(data: string): Promise<ServerProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.url, data],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  if (!value) throw new Error("The broker's process ended before it listened");
  let killed: Promise<void> | undefined;
  const end = async () => {
    process.kill("SIGKILL");
    await process.status;
    await process.stdin.close().catch(() => {});
    await process.stdout.cancel();
  };
  const kill = () => killed ??= end();
  return { url: new TextDecoder().decode(value).trim(), kill, [Symbol.asyncDispose]: kill };
}

if (import.meta.main) {
  const broker = await startBroker({ port: 0, data: Deno.args[0] });
  console.log(broker.url);
  // Ends with the test, should that be killed itself.
  for await (const _ of Deno.stdin.readable);
  await broker.close();
}
