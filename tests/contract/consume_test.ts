import assert from "node:assert/strict";
import { contract, counts, drain, quiet, refused } from "../support/contract.ts";

contract("A consumer gets the messages in the queue and later ones", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "before");
  assert.deepEqual(await channel.call("basic.consume", { queue, consumerTag: "mine" }), {
    consumerTag: "mine",
  });
  await channel.publish("", queue, "after");
  const [first, second] = [await channel.delivery(), await channel.delivery()];
  assert.deepEqual([first.body, first.consumerTag, first.deliveryTag, first.redelivered], [
    "before",
    "mine",
    1,
    false,
  ]);
  assert.deepEqual([second.body, second.deliveryTag], ["after", 2]);
});

contract("A consumer with an empty tag gets one from the server", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  const { consumerTag } = await channel.call("basic.consume", { queue });
  assert.match(consumerTag as string, /^amq\.ctag-[A-Za-z0-9_-]{22}$/);
});

contract("Consuming with no-wait gets no reply, and messages are delivered", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.send("basic.consume", { queue, consumerTag: "mine", noWait: true });
  await channel.publish("", queue, "hello");
  assert.equal((await channel.delivery()).consumerTag, "mine");
});

contract("A consumer tag in use on the channel closes the connection", async (broker) => {
  const channel = await (await broker.connect()).channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue, consumerTag: "t1" });
  await refused(
    channel.call("basic.consume", { queue, consumerTag: "t1" }),
    530,
    "NOT_ALLOWED - attempt to reuse consumer tag 't1'",
  );
});

contract("Two channels may use the same consumer tag", async (broker) => {
  const [first, second] = [await broker.channel(), await broker.channel()];
  const queue = await broker.queue(first);
  await first.call("basic.consume", { queue, consumerTag: "t1" });
  await second.call("basic.consume", { queue, consumerTag: "t1" });
  assert.deepEqual(await counts(first, queue), { messages: 0, consumers: 2 });
});

contract("Without acknowledgements messages are removed when they are delivered", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "once");
  await channel.call("basic.consume", { queue, noAck: true });
  assert.deepEqual(await channel.bodies(1), ["once"]);
  await channel.call("channel.close", { code: 200 });
  assert.deepEqual(await counts(await broker.channel(), queue), { messages: 0, consumers: 0 });
});

contract("Cancelling a consumer is answered, even if it is unknown", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue, consumerTag: "mine" });
  assert.deepEqual(await channel.call("basic.cancel", { consumerTag: "mine" }), { consumerTag: "mine" });
  assert.deepEqual(await channel.call("basic.cancel", { consumerTag: "mine" }), { consumerTag: "mine" });
  await broker.fill(queue, ["stays"]);
  assert.deepEqual(await counts(channel, queue), { messages: 1, consumers: 0 });
});

contract(
  "Deliveries of a cancelled consumer stay unacknowledged, and can be acknowledged",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await broker.fill(queue, ["one", "two"]);
    const { consumerTag } = await channel.call("basic.consume", { queue });
    const [one, two] = [await channel.delivery(), await channel.delivery()];
    await channel.call("basic.cancel", { consumerTag });
    assert.deepEqual(await counts(channel, queue), { messages: 0, consumers: 0 });
    await channel.send("basic.ack", { deliveryTag: one.deliveryTag });
    await channel.send("basic.nack", { deliveryTag: two.deliveryTag, requeue: true });
    assert.deepEqual(await drain(channel, queue), ["two"]);
  },
);

contract("A consumer tag is free again after the consumer is cancelled", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  for (let i = 0; i < 2; i++) {
    await channel.call("basic.consume", { queue, consumerTag: "mine" });
    await channel.call("basic.cancel", { consumerTag: "mine" });
  }
});

contract("The consumers of a queue get messages in turn", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  for (const consumerTag of ["a", "b", "c"]) await channel.call("basic.consume", { queue, consumerTag });
  for (let i = 0; i < 6; i++) await channel.publish("", queue, String(i));
  const tags: unknown[] = [];
  while (tags.length < 6) tags.push((await channel.delivery()).consumerTag);
  assert.deepEqual(tags, ["a", "b", "c", "a", "b", "c"]);
});

contract("Delivery tags are counted per channel, over all its consumers and gets", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [await broker.queue(channel), await broker.queue(channel)];
  for (const queue of [first, second]) await channel.publish("", queue, queue);
  await channel.call("basic.consume", { queue: first });
  assert.equal((await channel.delivery()).deliveryTag, 1);
  assert.equal((await channel.get(second))?.deliveryTag, 2);
  await channel.publish("", first, "");
  assert.equal((await channel.delivery()).deliveryTag, 3);
});

contract(
  "A consumer with a higher priority gets all that it can take, before a lower one",
  async (broker) => {
    const [high, low] = [await broker.channel(), await broker.channel()];
    const queue = await broker.queue(high);
    for (const channel of [high, low]) await channel.call("basic.qos", { prefetchCount: 2 });
    await low.call("basic.consume", { queue, arguments: { "x-priority": 1 } });
    await high.call("basic.consume", { queue, arguments: { "x-priority": 5 } });
    for (const body of ["1", "2", "3", "4", "5"]) await low.publish("", queue, body);
    assert.deepEqual(await high.bodies(2), ["1", "2"]);
    assert.deepEqual(await low.bodies(2), ["3", "4"]);
    await high.send("basic.ack", { deliveryTag: 1 });
    assert.deepEqual(await high.bodies(1), ["5"]);
  },
);

contract("A consumer without a priority has priority 0", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue, consumerTag: "below", arguments: { "x-priority": -1 } });
  await channel.call("basic.consume", { queue, consumerTag: "none" });
  for (let i = 0; i < 3; i++) {
    await channel.publish("", queue, "");
    assert.equal((await channel.delivery()).consumerTag, "none");
  }
});

const invalid: [argument: string, value: unknown, text: string][] = [
  ["x-priority", "high", `"expected integer, got longstr"`],
  ["x-priority", 1.5, `"expected integer, got double"`],
  ["x-priority", null, `"expected integer, got void"`],
  ["x-cancel-on-ha-failover", "yes", "{unacceptable_type,longstr}"],
];

for (const [argument, value, text] of invalid) {
  contract(`Consuming with ${argument} ${JSON.stringify(value)} is refused`, async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await refused(
      channel.call("basic.consume", { queue, arguments: { [argument]: value } }),
      406,
      `PRECONDITION_FAILED - invalid arg '${argument}' for queue '${queue}' in vhost '/': ${text}`,
    );
  });
}

contract("Consuming from an offset is refused for a classic queue", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await refused(
    channel.call("basic.consume", { queue, arguments: { "x-stream-offset": "first" } }),
    406,
    `PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue '${queue}' in vhost '/' of queue type rabbit_classic_queue`,
  );
});

contract("No-local is ignored, so a consumer gets what its own connection published", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue, noLocal: true });
  await channel.publish("", queue, "own");
  assert.deepEqual(await channel.bodies(1), ["own"]);
});

contract("An auto-delete queue exists until its first consumers have left", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { autoDelete: true });
  assert.deepEqual(await counts(channel, queue), { messages: 0, consumers: 0 });
  for (const consumerTag of ["a", "b"]) await channel.call("basic.consume", { queue, consumerTag });
  await channel.call("basic.cancel", { consumerTag: "a" });
  assert.deepEqual(await counts(channel, queue), { messages: 0, consumers: 1 });
  await channel.call("basic.cancel", { consumerTag: "b" });
  await refused(
    channel.call("queue.declare", { queue, passive: true }),
    404,
    `NOT_FOUND - no queue '${queue}' in vhost '/'`,
  );
});

contract("A deleted queue cancels its consumers, if the client has the capability", async (broker) => {
  const able = await broker.channel();
  const unable = await (await broker.connect({ capabilities: {} })).channel();
  const queue = await broker.queue(able);
  await able.call("basic.consume", { queue, consumerTag: "able" });
  await unable.call("basic.consume", { queue, consumerTag: "unable" });
  await (await broker.channel()).call("queue.delete", { queue });
  assert.deepEqual((await able.next("basic.cancel")).args, { consumerTag: "able", noWait: true });
  await quiet(unable, await broker.queue(unable));
});

contract("The tag of a consumer that the server cancelled is free again", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue, consumerTag: "mine" });
  await channel.call("queue.delete", { queue });
  await channel.next("basic.cancel");
  await channel.call("queue.declare", { queue });
  await channel.call("basic.consume", { queue, consumerTag: "mine" });
});
