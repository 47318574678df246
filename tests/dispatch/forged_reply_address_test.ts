/** Reply addresses that make RabbitMQ close the connection: only the sender of such a request is harmed. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { forgedReplies } from "../support/forged_replies.ts";
import { onEmbedded } from "../support/rabbitmq.ts";
import { BODY, concat, encodeFrame, HEADER, methodFrame } from "../support/wire_client.ts";
import { WireConnection } from "../support/wire_connection.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "A reply to a forged address is given up, and no other call, send or message is affected",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        double: `export default rpc("double", (n: number) => 2 * n);`,
        relay: `export default queue("relay", (_, { send }) => send("out", "sent"));`,
      },
      broker,
    });
    await broker.channel.assertQueue("out");
    await using client = await connect(vhost.url);
    assert.equal(await client.call("double", 1), 2);

    for (const [i, replyTo] of forgedReplies.entries()) {
      await broker.send("double", "1", { replyTo, correlationId: "c", messageId: `forged${i}` });
      await broker.send("relay", "");
      assert.equal(await client.call("double", i), 2 * i);
    }

    await broker.take("out", forgedReplies.length);
    await app.events("handled", 1 + 2 * forgedReplies.length, { function: "double" });
    const ending = onEmbedded ? [] : forgedReplies.filter(broker.expected.endsOver);
    const unanswered = await app.events("unanswered", ending.length);
    for (const { error } of unanswered) {
      assert.match(error, /ends every connection that it is sent on.*INTERNAL_ERROR/);
    }
    assert.deepEqual(app.seen("disconnected"), []);
    assert.equal(await broker.waiting("double"), 0);
    await app.app.stop();
    assert.equal(await broker.waiting("double"), 0, "none was given back");
  },
);

testOnBroker(
  "The first calls of many clients at the same time are all answered",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: { double: `export default rpc("double", (n: number) => 2 * n);` },
      broker,
    });

    const answers = await Promise.all(Array.from({ length: 10 }, async (_, i) => {
      await using client = await connect(vhost.url);
      return await Promise.all([client.call("double", i), client.call("double", i)]);
    }));

    assert.deepEqual(answers, Array.from({ length: 10 }, (_, i) => [2 * i, 2 * i]));
    assert.deepEqual(app.seen("unanswered"), []);
  },
);

testOnBroker("A correlation id that is not UTF-8 comes back byte for byte", async ({ broker, vhost }) => {
  await using _app = await runApp({ functions: { f: `export default rpc("f", () => 1);` }, broker });
  const { hostname: host, port } = new URL(vhost.url);
  await using connection = await WireConnection.open({ host, port: Number(port) }, { vhost: vhost.name });
  const channel = await connection.channel();
  const { queue } = await channel.call("queue.declare", { queue: "", exclusive: true });
  const id = Uint8Array.from({ length: 255 }, (_, i) => i + 1);
  const replyTo = new TextEncoder().encode(`${queue}`);

  // Class, weight, body size; flags; correlation id and reply-to.
  const properties = [
    0,
    60,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    6,
    0,
    id.length,
    ...id,
    replyTo.length,
    ...replyTo,
  ];
  await connection.socket.write(concat([
    methodFrame(channel.number, "basic.publish", { routingKey: "f" }),
    encodeFrame(HEADER, channel.number, Uint8Array.from(properties)),
    encodeFrame(BODY, channel.number, new TextEncoder().encode("1")),
  ]));
  await channel.call("basic.consume", { queue });
  const { header } = await channel.delivery();

  assert.ok(header.toHex().includes(id.toHex()));
});
