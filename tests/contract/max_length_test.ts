import assert from "node:assert/strict";
import { contract, drain } from "../support/contract.ts";

contract("A full queue drops its oldest message", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-length": 2 } });
  await broker.fill(queue, ["1", "2", "3", "4"]);
  assert.deepEqual(await drain(channel, queue), ["3", "4"]);
});

contract("A queue's length counts only ready messages", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-length": 1 } });
  await broker.fill(queue, ["held"]);
  await channel.get(queue);
  await broker.fill(queue, ["ready"]);
  assert.deepEqual(await drain(channel, queue), ["ready"]);
});

contract("A message that is requeued into a full queue is the oldest one and is dropped", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-length": 1 } });
  await broker.fill(queue, ["held"]);
  await channel.get(queue);
  await broker.fill(queue, ["ready"]);
  await channel.send("basic.nack", { deliveryTag: 1, requeue: true });
  assert.deepEqual(await drain(channel, queue), ["ready"]);
});

contract("A queue with length 0 keeps only messages that a consumer takes at once", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-length": 0 } });
  await broker.fill(queue, ["dropped"]);
  assert.deepEqual(await drain(channel, queue), []);
  await channel.call("basic.consume", { queue });
  await broker.fill(queue, ["taken"]);
  assert.deepEqual(await channel.bodies(1), ["taken"]);
});

contract("A queue's bytes are those of the message bodies", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-length-bytes": 10 } });
  await broker.fill(queue, ["12345", "67890"], { headers: { "not": "counted" } });
  await broker.fill(queue, ["x"]);
  assert.deepEqual(await drain(channel, queue), ["67890", "x"]);
});

contract("A body larger than the queue empties it", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-length-bytes": 10 } });
  await broker.fill(queue, ["12345", "more than ten bytes"]);
  assert.deepEqual(await drain(channel, queue), []);
});

contract("With both limits the one that is reached first applies", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-length": 3, "x-max-length-bytes": 5 } });
  await broker.fill(queue, ["1", "2", "3", "4"]);
  assert.deepEqual(await drain(channel, queue), ["2", "3", "4"]);
  await broker.fill(queue, ["123", "456"]);
  assert.deepEqual(await drain(channel, queue), ["456"]);
});

contract("A full queue that rejects publishes keeps its oldest messages", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, {
    arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  await broker.fill(queue, ["kept"]);
  await channel.publish("", queue, "rejected");
  assert.deepEqual(await drain(channel, queue), ["kept"]);
});

contract(
  "With reject-publish-dlx a refused message is dead-lettered, and with reject-publish it is not",
  async (broker) => {
    const channel = await broker.channel();
    const dead = await broker.queue(channel);
    const queues: string[] = [];
    for (const overflow of ["reject-publish", "reject-publish-dlx"]) {
      const queue = await broker.queue(channel, {
        arguments: {
          "x-max-length": 1,
          "x-overflow": overflow,
          "x-dead-letter-exchange": "",
          "x-dead-letter-routing-key": dead,
        },
      });
      queues.push(queue);
      await broker.fill(queue, ["kept"]);
      await channel.publish("", queue, overflow);
    }
    await channel.call("basic.consume", { queue: dead, noAck: true });
    const letter = await channel.delivery();
    assert.equal(letter.body, "reject-publish-dlx");
    assert.equal(letter.properties.headers!["x-first-death-reason"], "maxlen");
    for (const queue of queues) assert.deepEqual(await drain(channel, queue), ["kept"]);
  },
);

contract("A full queue with priorities drops its head, which has the highest priority", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-length": 2, "x-max-priority": 5 } });
  await broker.fill(queue, ["high"], { priority: 5 });
  await broker.fill(queue, ["low"], { priority: 1 });
  await broker.fill(queue, ["middle"], { priority: 3 });
  assert.deepEqual(await drain(channel, queue), ["middle", "low"]);
});
