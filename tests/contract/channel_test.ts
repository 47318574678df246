import assert from "node:assert/strict";
import { contract, refused } from "../support/contract.ts";

contract("A channel is opened and closed, and its number can be opened again", async (broker) => {
  const connection = await broker.connect();
  for (let i = 0; i < 2; i++) {
    const channel = connection.unopened(7);
    assert.deepEqual(await channel.call("channel.open"), { reserved1: "" });
    assert.deepEqual(await channel.call("channel.close", { code: 200, text: "done" }), {});
  }
});

contract("Channel numbers need not be in order, nor below the negotiated maximum", async (broker) => {
  const connection = await broker.connect({ channelMax: 10 });
  for (const number of [9, 3, 65_535]) await (await connection.channel(number)).call("basic.qos");
});

contract("More channels than negotiated close the connection", async (broker) => {
  const connection = await broker.connect({ channelMax: 4 });
  for (let i = 0; i < 4; i++) await connection.channel();
  await refused(
    connection.channel(),
    530,
    "NOT_ALLOWED - number of channels opened (4) has reached the negotiated channel_max (4)",
    { by: "none" },
  );
});

contract("A closed channel makes room for another", async (broker) => {
  const connection = await broker.connect({ channelMax: 1 });
  for (let i = 0; i < 3; i++) {
    const channel = await connection.channel();
    await channel.call("channel.close", { code: 200 });
  }
});

contract("A channel that the server closes does not affect the others", async (broker) => {
  const connection = await broker.connect();
  const [first, second] = [await connection.channel(), await connection.channel()];
  const queue = await broker.queue(second);
  await second.call("basic.consume", { queue });
  await first.send("basic.ack", { deliveryTag: 1 });
  await first.refused();
  await second.publish("", queue, "still here");
  assert.deepEqual(await second.bodies(1), ["still here"]);
});

contract("The number of a channel that the server closed is free after close-ok", async (broker) => {
  const connection = await broker.connect();
  const channel = await connection.channel(3);
  await channel.send("basic.ack", { deliveryTag: 1 });
  await channel.refused();
  await (await connection.channel(3)).call("basic.qos");
});

contract("After closing a channel the server ignores everything on it until close-ok", async (broker) => {
  const connection = await broker.connect({ answerCloses: false });
  const channel = await connection.channel(3);
  const other = await connection.channel(4);
  const queue = await broker.queue(other);
  await channel.send("basic.ack", { deliveryTag: 1 });
  await channel.refused();
  await channel.publish("", queue, "ignored");
  await channel.publish("no such exchange", queue, "ignored");
  await channel.send("queue.delete", { queue });
  await other.call("queue.declare", { queue });
  assert.equal(await other.get(queue), undefined);
  await channel.send("channel.close-ok");
  await channel.call("channel.open");
  assert.deepEqual(channel.inbox.items, []);
});

contract("A client's close that crosses the server's is answered", async (broker) => {
  const connection = await broker.connect({ answerCloses: false });
  const channel = await connection.channel(3);
  await channel.send("basic.ack", { deliveryTag: 1 });
  await channel.send("channel.close", { code: 200 });
  const closeOk = await channel.inbox.take(({ name }) => name === "channel.close-ok", "close-ok");
  assert.deepEqual(closeOk.args, {});
});

contract("Publishes sent before a close are kept", async (broker) => {
  const connection = await broker.connect();
  const channel = await connection.channel();
  const queue = await broker.queue(channel);
  for (let i = 0; i < 10; i++) await channel.publish("", queue, String(i));
  await connection.close();
  const another = await broker.channel();
  await another.call("basic.consume", { queue });
  assert.equal((await another.bodies(10)).length, 10);
});

contract("Asking for the flow to be active is answered", async (broker) => {
  const channel = await broker.channel();
  assert.deepEqual(await channel.call("channel.flow", { active: true }), { active: true });
});
