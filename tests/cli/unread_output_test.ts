/** A log that nobody reads, as in a paused terminal or with a stuck collector, must not stop anything. */
import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { connectBroker } from "../support/amqp.ts";
import { type Folder, withFolder } from "../support/folder.ts";
import { cli } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { type Program, run, start } from "../support/process.ts";

const pipeSize = 65_536;

/** Starts a command whose stdout and stderr are a pipe that is full from the start. */
async function startUnread(args: string[], folder: Folder): Promise<Program> {
  await run("mkfifo", [folder.at("pipe")]);
  // Also open for reading, so that the pipe has a reader; it holds exactly this many bytes.
  const script =
    `unset AMQP_URL RABBITMQ_URL CLOUDAMQP_URL; exec 3<>pipe; head -c ${pipeSize} /dev/zero >&3; exec "$@" >pipe 2>&1`;
  return start("sh", ["-c", script, "sh", Deno.execPath(), ...cli(...args)], {
    cwd: folder.path,
    env: { NO_COLOR: "1" },
  });
}

/** Asks again until there is an answer. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (const started = performance.now();;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() - started > 20_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Reads the pipe until a line matches, and returns it. */
async function readLine(pipe: string, match: RegExp): Promise<string> {
  using file = await Deno.open(pipe, { read: true, write: true });
  let text = "";
  for (const buffer = new Uint8Array(pipeSize);;) {
    const size = await file.read(buffer) ?? 0;
    text += new TextDecoder().decode(buffer.subarray(0, size)).replaceAll("\0", "");
    const line = text.split("\n").slice(0, -1).find((line) => match.test(line));
    if (line !== undefined) return line;
  }
}

const loud = `import { rpc } from "hopper";
export default rpc("loud", (lines: number, { log }) => {
  for (let i = 0; i < lines; i++) log("x".repeat(1_000));
  return lines;
});`;

Deno.test("The runtime works and stops while nobody reads its output, and later says how many lines were lost", async () => {
  await using folder = await withFolder({ "functions/loud.ts": loud });
  const [port, admin] = [freePort(), freePort()];
  const args = ["run", "--log", "json", "--embedded-port", `${port}`, "--admin", `127.0.0.1:${admin}`];
  await using hopper = await startUnread(args, folder);
  const health = (path: string) =>
    fetch(`http://127.0.0.1:${admin}${path}`, { method: "HEAD", signal: AbortSignal.timeout(5_000) });
  await answered(async () => assert.equal((await health("/readyz")).status, 204));
  await using client = await connect(`amqp://guest:guest@127.0.0.1:${port}`);

  // Several times more than the pipe and the waiting lines can hold.
  for (let i = 0; i < 8; i++) assert.equal(await client.call("loud", 500, { timeout: "15s" }), 500);
  assert.equal((await health("/healthz")).status, 200);
  assert.match(
    await readLine(folder.at("pipe"), / lost/),
    /"event":"notice","message":"\d+ log line\(s\) before/,
  );

  for (let i = 0; i < 8; i++) await client.call("loud", 500, { timeout: "15s" });
  hopper.signal("SIGTERM");
  assert.equal((await hopper.exit()).code, 0);
});

Deno.test("The broker command works and stops while nobody reads its output", async () => {
  await using folder = await withFolder();
  const port = freePort();
  await using broker = await startUnread(["broker", "--memory", "--port", `${port}`], folder);
  {
    await using client = await answered(() => connectBroker(`amqp://guest:guest@127.0.0.1:${port}`));
    await client.channel.assertQueue("q");
    await client.send("q", "x");
    assert.equal(`${(await client.next("q")).content}`, "x");
  }
  broker.signal("SIGTERM");

  assert.equal((await broker.exit()).code, 0);
});

Deno.test("A failing command ends while nobody reads its output", async () => {
  await using folder = await withFolder();
  await using broker = await startUnread(["broker", "--port", "x"], folder);

  assert.equal((await broker.exit()).code, 2);
});
