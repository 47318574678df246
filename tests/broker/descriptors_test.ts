import assert from "node:assert/strict";
import { WireSocket, within } from "../support/wire_client.ts";
import { WireConnection } from "../support/wire_connection.ts";

/** How many file descriptors the broker's process may have, and how many of them are for clients. */
const DESCRIPTORS = 64, CONNECTIONS = 32;

class Broker implements AsyncDisposable {
  private constructor(
    readonly address: { host: string; port: number },
    readonly process: Deno.ChildProcess,
    readonly lines: ReadableStreamDefaultReader<string>,
    readonly input: WritableStreamDefaultWriter<Uint8Array>,
  ) {}

  static async start(): Promise<Broker> {
    const program = new URL("./descriptors_program.ts", import.meta.url).href;
    const process = new Deno.Command("sh", {
      args: [
        "-c",
        `ulimit -n ${DESCRIPTORS} && exec "$0" "$@"`,
        Deno.execPath(),
        "run",
        "-A",
        "--no-check",
        program,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await within(lines.read(), "the broker to start", 60_000);
    const { hostname, port } = new URL(value!.trim());
    return new Broker({ host: hostname, port: Number(port) }, process, lines, process.stdin.getWriter());
  }

  /** The broker's trouble after the command. */
  async tell(command: "exhaust" | "free" | "trouble"): Promise<string> {
    await this.input.write(new TextEncoder().encode(command));
    return (await within(this.lines.read(), `an answer to '${command}'`)).value!.trim();
  }

  /** Asks until the broker has this trouble. */
  async troubled(expected: RegExp): Promise<void> {
    const asking = async () => {
      while (!expected.test(await this.tell("trouble")));
    };
    await within(asking(), `the broker's trouble to be ${expected}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.input.close();
    await this.process.status;
    await this.lines.cancel();
  }
}

Deno.test("Any number of clients that do not log in does not keep others out", async () => {
  await using broker = await Broker.start();
  const silent = await Promise.all(
    Array.from({ length: 3 * DESCRIPTORS }, () => WireSocket.open(broker.address)),
  );
  const clients = [];
  for (let i = 0; i < CONNECTIONS / 2; i++) clients.push(await WireConnection.open(broker.address));
  assert.equal(await broker.tell("trouble"), "none");
  for (const socket of silent) socket.close();
  clients.push(await WireConnection.open(broker.address));
  for (const client of clients) await client.close();
});

Deno.test("Clients beyond the limit of descriptors are closed at once, and accepted when others have left", async () => {
  await using broker = await Broker.start();
  const clients = [];
  for (let i = 0; i < CONNECTIONS; i++) clients.push(await WireConnection.open(broker.address));
  assert.equal(
    await broker.tell("trouble"),
    `no further client can connect: there are ${CONNECTIONS}, which is the limit`,
  );
  await assert.rejects(WireConnection.open(broker.address), /closed the socket|reset|Broken pipe/i);
  await clients.pop()!.close();
  await broker.troubled(/^none$/);
  clients.push(await WireConnection.open(broker.address));
  for (const client of clients) await client.close();
});

Deno.test("A broker without free descriptors reports that, and accepts clients when it has some again", async () => {
  await using broker = await Broker.start();
  await broker.tell("exhaust");
  const waiting = WireConnection.open(broker.address);
  await broker.troubled(/^no client can connect: Too many open files/);
  await broker.tell("free");
  await (await waiting).close();
  assert.equal(await broker.tell("trouble"), "none");
});
