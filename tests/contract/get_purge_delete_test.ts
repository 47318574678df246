import assert from "node:assert/strict";
import { contract, counts, drain, refused } from "../support/contract.ts";

contract("A get takes the message at the head, and returns how many remain", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["one", "two", "three"]);
  const first = await channel.get(queue);
  assert.deepEqual(
    [first?.body, first?.deliveryTag, first?.redelivered, first?.messageCount],
    ["one", 1, false, 2],
  );
  const second = await channel.get(queue, { noAck: true });
  assert.deepEqual([second?.body, second?.deliveryTag, second?.messageCount], ["two", 2, 1]);
});

contract("A get on an empty queue is answered with get-empty", async (broker) => {
  const channel = await broker.channel();
  assert.equal(await channel.get(await broker.queue(channel)), undefined);
});

contract("A get ignores the prefetch limit", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["one", "two", "three"]);
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  for (const body of ["one", "two", "three"]) assert.equal((await channel.get(queue))?.body, body);
});

contract("A purge removes ready messages, and keeps unacknowledged ones", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["one", "two", "three"]);
  const first = await channel.get(queue);
  assert.deepEqual(await channel.call("queue.purge", { queue }), { messageCount: 2 });
  await channel.send("basic.nack", { deliveryTag: first!.deliveryTag, requeue: true });
  assert.deepEqual(await drain(channel, queue), ["one"]);
});

contract("Deleting a queue returns how many messages were ready", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["one", "two"]);
  await channel.get(queue);
  assert.deepEqual(await channel.call("queue.delete", { queue }), { messageCount: 1 });
});

contract("Deleting a missing queue succeeds", async (broker) => {
  const channel = await broker.channel();
  const queue = broker.unique("missing");
  assert.deepEqual(await channel.call("queue.delete", { queue }), { messageCount: 0 });
  assert.deepEqual(await channel.call("queue.delete", { queue, ifUnused: true, ifEmpty: true }), {
    messageCount: 0,
  });
});

contract("Deleting a queue with if-unused is refused if it has a consumer", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue });
  await refused(
    channel.call("queue.delete", { queue, ifUnused: true }),
    406,
    `PRECONDITION_FAILED - queue '${queue}' in vhost '/' in use`,
  );
});

contract("Deleting a queue with if-empty is refused if it has a message", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "here");
  await refused(
    channel.call("queue.delete", { queue, ifEmpty: true }),
    406,
    `PRECONDITION_FAILED - queue '${queue}' in vhost '/' not empty`,
  );
});

contract("A queue that has only unacknowledged messages counts as empty", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "held");
  await channel.get(queue);
  assert.deepEqual(await channel.call("queue.delete", { queue, ifEmpty: true }), { messageCount: 0 });
});

contract("Deleting a queue that is in use and not empty is refused as not empty", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.qos", { prefetchCount: 1 });
  await broker.fill(queue, ["one", "two"]);
  await channel.call("basic.consume", { queue });
  await channel.delivery();
  await refused(
    channel.call("queue.delete", { queue, ifUnused: true, ifEmpty: true }),
    406,
    `PRECONDITION_FAILED - queue '${queue}' in vhost '/' not empty`,
  );
});

contract("Purging and deleting with no-wait get no reply", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "purged");
  await channel.send("queue.purge", { queue, noWait: true });
  assert.deepEqual(await counts(channel, queue), { messages: 0, consumers: 0 });
  await channel.send("queue.delete", { queue, noWait: true });
  await channel.call("queue.declare", { queue, durable: true });
  assert.deepEqual(channel.inbox.items, []);
});

contract("An acknowledgement after the queue is deleted is accepted", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "held");
  const held = await channel.get(queue);
  await channel.call("queue.delete", { queue });
  await channel.send("basic.ack", { deliveryTag: held!.deliveryTag });
  await channel.call("basic.qos", { prefetchCount: 1 });
});
