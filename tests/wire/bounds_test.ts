import assert from "node:assert/strict";
import { type EmbeddedBroker, startEmbedded } from "../support/contract_embedded.ts";
import { methodFrame, PROTOCOL_HEADER, WireSocket, within } from "../support/wire_client.ts";
import { WireConnection } from "../support/wire_connection.ts";
import type { Limits } from "../../runtime/broker/mod.ts";

/** A broker with its own limits, and a connection and channel to it. */
async function bounded(limits: Partial<Limits>) {
  const broker = await startEmbedded({ limits });
  const connection = await WireConnection.open(broker);
  return {
    broker,
    connection,
    channel: await connection.channel(),
    async [Symbol.asyncDispose]() {
      await connection.close();
      broker.stop();
    },
  };
}

/** What the broker sent before it closed a socket that had sent these bytes. */
async function dropped(broker: EmbeddedBroker, bytes: Uint8Array): Promise<Uint8Array> {
  using socket = await WireSocket.open(broker);
  await socket.write(bytes);
  return await within(socket.drain(), "the broker to close");
}

Deno.test("The embedded broker drops a client that does not finish its handshake in time, but not a silent connection", async () => {
  await using setup = await bounded({ handshake: 100 });
  const silent = dropped(setup.broker, new Uint8Array(0));
  const slow = dropped(setup.broker, PROTOCOL_HEADER.subarray(0, 4));
  const halfway = dropped(setup.broker, PROTOCOL_HEADER);
  assert.equal((await silent).length, 0);
  assert.equal((await slow).length, 0);
  assert.ok((await halfway).length > 0, "connection.start had come");
  await setup.channel.call("basic.qos");
});

Deno.test("The embedded broker closes connections beyond its limit at once, and accepts one when another closes", async () => {
  await using setup = await bounded({ connections: 2 });
  const second = await WireConnection.open(setup.broker);
  await assert.rejects(WireConnection.open(setup.broker), { message: "The broker closed the socket" });
  await second.close();
  // The broker may notice the close a moment after this client.
  const third = await within(opened(setup.broker), "room for another connection");
  await third.close();
});

async function opened(broker: EmbeddedBroker): Promise<WireConnection> {
  for (;;) {
    try {
      return await WireConnection.open(broker);
    } catch (error) {
      if ((error as Error).message !== "The broker closed the socket") throw error;
    }
  }
}

Deno.test("The embedded broker stops sending to a consumer that does not read, and keeps its messages in the queue", async () => {
  await using setup = await bounded({ unread: 100_000 });
  const { queue } = await setup.channel.call("queue.declare", { queue: "unread" });
  using lazy = await WireSocket.open(setup.broker);
  await lazy.write(PROTOCOL_HEADER);
  await lazy.write(methodFrame(0, "connection.start-ok", { mechanism: "PLAIN", response: "\0guest\0guest" }));
  await lazy.write(methodFrame(0, "connection.tune-ok", { channelMax: 1, frameMax: 131_072 }));
  await lazy.write(methodFrame(0, "connection.open", { virtualHost: "/" }));
  await lazy.write(methodFrame(1, "channel.open"));
  await lazy.write(methodFrame(1, "basic.consume", { queue, noAck: true }));

  await setup.channel.call("confirm.select");
  const body = new Uint8Array(100_000);
  for (let i = 1; i <= 300; i++) {
    await setup.channel.publish("", queue as string, body);
    await setup.channel.next("basic.ack");
  }
  const { messageCount } = await setup.channel.call("queue.declare", { queue, passive: true });
  // A few of the 30 MB may be in the buffers of the sockets.
  assert.ok(messageCount as number > 150, `${messageCount} of 300 messages wait in the queue`);
});

for (
  const [what, limits, method, attempts] of [
    ["queues", { names: 10 }, "queue.declare", (n: number) => ({ queue: `q${n}` })],
    ["exchanges", { names: 10 }, "exchange.declare", (n: number) => ({ exchange: `e${n}`, type: "direct" })],
    ["bindings", { bindings: 10 }, "queue.bind", (n: number) => ({
      queue: "",
      exchange: "amq.direct",
      routingKey: `k${n}`,
    })],
    ["consumers", { consumers: 10 }, "basic.consume", () => ({ queue: "" })],
  ] as const
) {
  Deno.test(`The embedded broker refuses ${what} beyond its limit, and keeps working`, async () => {
    await using setup = await bounded(limits);
    await setup.channel.call("queue.declare", { queue: "first" });
    const attempt = async () => {
      for (let n = 0; n < 20; n++) await setup.channel.call(method, attempts(n));
    };
    await assert.rejects(attempt(), { name: "Refused" });
    await using another = await WireConnection.open(setup.broker);
    await (await another.channel()).call("basic.qos");
  });
}

Deno.test("The embedded broker takes a thousand connections, and all channel numbers on one", async () => {
  await using setup = await bounded({});
  const connections = await Promise.all(
    Array.from({ length: 1000 }, () => WireConnection.open(setup.broker)),
  );
  for (const connection of connections) await connection.close();
  for (let number = 2; number <= 2047; number++) await setup.connection.channel(number);
});
