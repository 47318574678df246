import assert from "node:assert/strict";
import { Transport } from "../../../runtime/broker/connection/transport.ts";
import { Buffers } from "../../../runtime/broker/protocol/buffers.ts";

const MiB = 1024 * 1024;

/** A transport, the client's end of its socket, and what the transport reported. */
class Pair implements Disposable {
  received = 0;
  finished = false;
  #hasLeft = false;
  readonly errors: unknown[] = [];
  readonly transport: Transport;
  readonly done: Promise<void>;

  constructor(
    readonly client: Deno.TcpConn,
    server: Deno.TcpConn,
    receive: (size: number) => void = () => {},
  ) {
    this.transport = new Transport(server, new Buffers(), (error) => this.errors.push(error));
    this.done = new Promise((resolve) => {
      this.transport.start({
        receive: ({ length }) => {
          this.received += length;
          receive(length);
        },
        finished: () => this.finished = true,
        gone: resolve,
      });
    });
  }

  static async open(receive?: (size: number) => void): Promise<Pair> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [server, client] = await Promise.all([
      listener.accept(),
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    ]);
    return new Pair(client, server, receive);
  }

  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.client.write(bytes.subarray(at));
  }

  /** Counts the bytes until the transport closes. */
  async drain(): Promise<number> {
    const buffer = new Uint8Array(MiB);
    let total = 0;
    for (let size; (size = await this.client.read(buffer)) !== null;) total += size;
    return total;
  }

  leave(): void {
    if (!this.#hasLeft) this.client.close();
    this.#hasLeft = true;
  }

  [Symbol.dispose](): void {
    this.leave();
    this.transport.close();
  }
}

Deno.test("When a client closes its side, what it sent is received, and pending writes are sent", async () => {
  using pair = await Pair.open();
  pair.transport.write(new Uint8Array(8 * MiB), () => {});
  await pair.send(new Uint8Array(3 * MiB));
  await pair.client.closeWrite();
  assert.equal(await pair.drain(), 8 * MiB);
  await pair.done;
  assert.deepEqual([pair.received, pair.finished, pair.errors], [3 * MiB, true, []]);
});

Deno.test("Each write is reported when it is sent, in order", async () => {
  using pair = await Pair.open();
  const told: number[] = [];
  for (const number of [1, 2, 3]) pair.transport.write(new Uint8Array(MiB), () => told.push(number));
  pair.transport.end();
  assert.equal(await pair.drain(), 3 * MiB);
  assert.deepEqual(told, [1, 2, 3]);
});

Deno.test("A paused transport receives nothing until it is resumed", async () => {
  using pair = await Pair.open(() => pair.transport.pause());
  await pair.send(new Uint8Array(1000));
  const turns = async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  while (pair.received === 0) await turns();
  await pair.send(new Uint8Array(1000));
  await turns();
  assert.equal(pair.received, 1000);
  while (pair.received < 2000) {
    pair.transport.resume();
    await turns();
  }
});

Deno.test("A flood on one connection does not block other connections and timers", async () => {
  using pair = await Pair.open();
  const flood = pair.send(new Uint8Array(64 * MiB));
  let turns = 0;
  while (pair.received < 64 * MiB) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  await flood;
  assert.ok(turns >= 64, `There were ${turns} turns in 64 MiB`);
});

Deno.test("A transport ends when its client is gone, even with pending writes", async () => {
  using pair = await Pair.open();
  pair.transport.write(new Uint8Array(64 * MiB), () => {});
  pair.leave();
  await pair.done;
  assert.deepEqual(pair.errors, []);
});

Deno.test("An error of the broker is reported, and ends only that connection", async () => {
  const error = new Error("out of order");
  using pair = await Pair.open(() => {
    throw error;
  });
  await pair.send(new Uint8Array(1));
  await pair.done;
  assert.deepEqual(pair.errors, [error]);
});
