/** A header that does not fit in a client's frame: RabbitMQ sends a longer frame, and the embedded broker does not. */

import assert from "node:assert/strict";
import { startBroker } from "../../runtime/broker/mod.ts";
import { WireConnection } from "../support/wire_connection.ts";
import type { WireChannel } from "../support/wire_channel.ts";

const maxFrame = 131_072;

interface Rig {
  /** A channel of a client with this frame size. */
  channel(frameMax: number): Promise<WireChannel>;
}

const test = (name: string, run: (rig: Rig) => Promise<void>) =>
  Deno.test(name, async () => {
    const broker = await startBroker({ port: 0, memory: true });
    const opened: WireConnection[] = [];
    const { hostname: host, port } = new URL(broker.url);
    await run({
      async channel(frameMax) {
        const connection = await WireConnection.open({ host, port: Number(port) }, { frameMax });
        opened.push(connection);
        return await connection.channel();
      },
    });
    for (const connection of opened) await connection.close();
    await broker.close();
  });

async function fill(channel: WireChannel, queue: string, body: string, length: number): Promise<void> {
  await channel.call("confirm.select");
  await channel.publish("", queue, body, { messageId: body, headers: { h: "x".repeat(length) } });
  await channel.next("basic.ack");
}

const tooLong = (size: number, frameMax: number) =>
  new RegExp(
    `PRECONDITION_FAILED - a message's properties of ${size} bytes do not fit into the frame_max of ${frameMax} `,
  );

test("The header x-death is left out if it does not fit in the client's frame", async (rig) => {
  const channel = await rig.channel(maxFrame);
  await channel.call("queue.declare", { queue: "q" });
  const toQ = { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "q", "x-message-ttl": 1 };
  await channel.call("queue.declare", { queue: "delay", arguments: toQ });
  await channel.call("basic.consume", { queue: "q" });

  await fill(channel, "delay", "short", 100);
  const short = await channel.delivery();
  await fill(channel, "delay", "long", maxFrame - 100);
  const long = await channel.delivery();

  assert.equal((short.properties.headers!["x-death"] as unknown[]).length, 1);
  assert.deepEqual(Object.keys(long.properties.headers!), ["h"]);
  assert.equal(long.properties.messageId, "long");
  assert.ok(long.header.length + 8 <= maxFrame, `${long.header.length} bytes of a header`);
});

test("The header x-delivery-count is left out if it does not fit in the client's frame", async (rig) => {
  const channel = await rig.channel(maxFrame);
  await channel.call("queue.declare", { queue: "q", durable: true, arguments: { "x-queue-type": "quorum" } });
  await fill(channel, "q", "long", maxFrame - 56);

  const got = (await channel.get("q"))!;

  assert.deepEqual(Object.keys(got.properties.headers!), ["h"]);
  assert.ok(got.header.length + 8 <= maxFrame, `${got.header.length} bytes of a header`);
});

test("A consumer whose frames are too short for a header loses its channel, and the next one gets the messages", async (rig) => {
  const [publisher, small] = [await rig.channel(maxFrame), await rig.channel(4096)];
  await publisher.call("queue.declare", { queue: "q" });
  const other = await small.connection.channel();
  await small.call("basic.consume", { queue: "q" });
  await fill(publisher, "q", "first", 100);
  assert.equal((await small.delivery()).body, "first");

  await fill(publisher, "q", "long", 5000);
  const { code, text, scope } = await small.refused();

  assert.deepEqual([code, scope], [406, "channel"]);
  assert.match(text, tooLong(5000 + 2 + 4 + 2 + 1 + 4 + 5, 4096));
  assert.deepEqual(await other.call("queue.declare", { queue: "q", passive: true }), {
    queue: "q",
    messageCount: 2,
    consumerCount: 0,
  });
  await publisher.call("basic.consume", { queue: "q" });
  assert.deepEqual(await publisher.bodies(2), ["first", "long"]);
});

test("A message whose header does not fit in a frame is requeued even without acknowledgements", async (rig) => {
  const [publisher, small] = [await rig.channel(maxFrame), await rig.channel(4096)];
  await publisher.call("queue.declare", { queue: "q" });
  await small.call("basic.consume", { queue: "q", noAck: true });

  await fill(publisher, "q", "long", 5000);
  await small.refused();

  assert.equal((await publisher.get("q", { noAck: true }))!.body, "long");
});

test("A basic.get with frames too short for a header is refused, and the message stays", async (rig) => {
  const [publisher, small] = [await rig.channel(maxFrame), await rig.channel(4096)];
  await publisher.call("queue.declare", { queue: "q" });
  await fill(publisher, "q", "long", 5000);

  await assert.rejects(
    small.get("q"),
    /a message's properties of 5018 bytes do not fit into the frame_max of 4096/,
  );

  assert.equal((await publisher.get("q"))!.body, "long");
});

test("A reply with a header too long for the requester's frames closes only the requester's channel", async (rig) => {
  const [server, client] = [await rig.channel(maxFrame), await rig.channel(4096)];
  await server.call("queue.declare", { queue: "q" });
  const replyTo = "amq.rabbitmq.reply-to";
  await client.call("basic.consume", { queue: replyTo, noAck: true });
  await client.publish("", "q", "request", { replyTo });
  const request = await server.get("q", { noAck: true });

  await fill(server, request!.properties.replyTo!, "long", 5000);

  assert.match((await client.refused()).text, tooLong(5018, 4096));
  await (await client.connection.channel()).call("queue.declare", { queue: "q", passive: true });
});

test("A header that just fits in a publisher's frame reaches a client with the same frame size", async (rig) => {
  const channel = await rig.channel(maxFrame);
  await channel.call("queue.declare", { queue: "q" });
  // As in RabbitMQ, the content of a frame may be as long as the whole frame should be.
  await fill(channel, "q", "long", maxFrame - 12 - 2 - 4 - 2 - 5 - 5);

  const { header } = (await channel.get("q"))!;

  assert.equal(header.length, maxFrame);
});
