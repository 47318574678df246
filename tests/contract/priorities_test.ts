import assert from "node:assert/strict";
import { contract, drain } from "../support/contract.ts";

contract("Messages with higher priorities come first, in order within one priority", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-priority": 10 } });
  for (const [body, priority] of [["a1", 1], ["b5", 5], ["c1", 1], ["d9", 9], ["e5", 5]] as const) {
    await channel.publish("", queue, body, { priority });
  }
  assert.deepEqual(await drain(channel, queue), ["d9", "b5", "e5", "a1", "c1"]);
});

contract(
  "A message without a priority has priority 0, and one above the maximum has the maximum",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel, { arguments: { "x-max-priority": 3 } });
    await channel.publish("", queue, "none");
    await channel.publish("", queue, "three", { priority: 3 });
    await channel.publish("", queue, "nine", { priority: 9 });
    await channel.publish("", queue, "zero", { priority: 0 });
    await channel.publish("", queue, "one", { priority: 1 });
    assert.deepEqual(await drain(channel, queue), ["three", "nine", "one", "none", "zero"]);
  },
);

contract("A priority above the maximum is delivered as published", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-priority": 3 } });
  await channel.publish("", queue, "", { priority: 200 });
  assert.equal((await channel.get(queue))?.properties.priority, 200);
});

contract("A queue without x-max-priority keeps the order of publishing", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  for (const priority of [1, 9, 5]) await channel.publish("", queue, String(priority), { priority });
  assert.deepEqual(await drain(channel, queue), ["1", "9", "5"]);
});

contract("A requeued message goes back to the head of its priority", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-priority": 5 } });
  for (const [body, priority] of [["a1", 1], ["b1", 1], ["c5", 5]] as const) {
    await channel.publish("", queue, body, { priority });
  }
  for (let i = 0; i < 2; i++) await channel.get(queue);
  await broker.fill(queue, ["d5"], { priority: 5 });
  await channel.send("basic.nack", { deliveryTag: 2, multiple: true, requeue: true });
  assert.deepEqual(await drain(channel, queue), ["c5", "d5", "a1", "b1"]);
});

contract("A purge removes messages of all priorities", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-max-priority": 5 } });
  for (const priority of [0, 2, 5]) await channel.publish("", queue, "", { priority });
  assert.deepEqual(await channel.call("queue.purge", { queue }), { messageCount: 3 });
});
