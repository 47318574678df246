import assert from "node:assert/strict";
import { contract, counts, quiet, refused, type Session } from "../support/contract.ts";
import type { WireChannel } from "../support/wire_connection.ts";

/** A queue with `count` messages. */
async function filled(broker: Session, channel: WireChannel, count: number): Promise<string> {
  const queue = await broker.queue(channel);
  await broker.fill(queue, Array.from({ length: count }, (_, index) => String(index)));
  return queue;
}

contract(
  "A consumer gets at most its prefetch, and one more message for each acknowledgement",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await filled(broker, channel, 4);
    await channel.call("basic.qos", { prefetchCount: 2 });
    await channel.call("basic.consume", { queue });
    assert.deepEqual(await channel.bodies(2), ["0", "1"]);
    await quiet(channel, queue);
    await channel.send("basic.ack", { deliveryTag: 1 });
    assert.deepEqual(await channel.bodies(1), ["2"]);
    await channel.send("basic.ack", { deliveryTag: 3, multiple: true });
    assert.deepEqual(await channel.bodies(1), ["3"]);
  },
);

contract("Without a prefetch, or with 0, a consumer has no limit", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 50);
  await channel.call("basic.qos", { prefetchCount: 0 });
  await channel.call("basic.consume", { queue });
  await channel.bodies(50);
});

contract("A prefetch applies to each consumer by itself, and only to later ones", async (broker) => {
  const channel = await broker.channel();
  const first = await filled(broker, channel, 5);
  const second = await filled(broker, channel, 5);
  await channel.call("basic.qos", { prefetchCount: 1 });
  await channel.call("basic.consume", { queue: first });
  await channel.call("basic.qos", { prefetchCount: 3 });
  await channel.call("basic.consume", { queue: second });
  await counts(channel, first);
  await counts(channel, second);
  assert.equal((await channel.bodies(4)).length, 4);
  await quiet(channel, second);
});

contract(
  "A global limit applies to all consumers of the channel together, or to each consumer",
  async (broker) => {
    const channel = await broker.channel();
    const [first, second] = [await filled(broker, channel, 5), await filled(broker, channel, 5)];
    await channel.call("basic.qos", { prefetchCount: 3, global: true });
    for (const queue of [first, second]) await channel.call("basic.consume", { queue });
    const delivered = { "the channel's": ["0", "1", "2"], "each consumer's": ["0", "0", "1", "1", "2", "2"] };
    const expected = delivered[broker.expected.globalLimit];
    assert.deepEqual((await channel.bodies(expected.length)).sort(), expected);
    await quiet(channel, second);
  },
);

contract(
  "A global limit of the channel also applies to existing consumers",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await channel.call("basic.consume", { queue });
    await channel.call("basic.qos", { prefetchCount: 2, global: true });
    await broker.fill(queue, ["0", "1", "2", "3", "4"]);
    const delivered = { "the channel's": ["0", "1"], "each consumer's": ["0", "1", "2", "3", "4"] };
    const expected = delivered[broker.expected.globalLimit];
    assert.deepEqual(await channel.bodies(expected.length), expected);
    await quiet(channel, queue);
  },
);

contract("A consumer's own limit and the channel's limit both apply", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [await filled(broker, channel, 5), await filled(broker, channel, 5)];
  await channel.call("basic.qos", { prefetchCount: 2 });
  await channel.call("basic.qos", { prefetchCount: 3, global: true });
  for (const queue of [first, second]) await channel.call("basic.consume", { queue });
  assert.deepEqual(await channel.bodies(3), ["0", "1", "0"]);
  await quiet(channel, second);
});

contract("Raising the global limit delivers more messages at once", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 5);
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  await channel.call("basic.consume", { queue });
  assert.deepEqual(await channel.bodies(1), ["0"]);
  await quiet(channel, queue);
  await channel.call("basic.qos", { prefetchCount: 3, global: true });
  assert.deepEqual(await channel.bodies(2), ["1", "2"]);
  await quiet(channel, queue);
  await channel.call("basic.qos", { prefetchCount: 0, global: true });
  assert.deepEqual(await channel.bodies(2), ["3", "4"]);
});

contract("Messages from a get count towards the channel's limit", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 4);
  await channel.call("basic.qos", { prefetchCount: 2, global: true });
  await channel.get(queue);
  await channel.call("basic.consume", { queue });
  const delivered = await channel.bodies(1);
  await counts(channel, queue);
  assert.deepEqual(
    [...delivered, ...channel.inbox.items.map(({ bytes }) => new TextDecoder().decode(bytes))],
    ["1", "2"],
  );
});

contract("A no-ack consumer is not limited", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 10);
  await channel.call("basic.qos", { prefetchCount: 1 });
  await channel.call("basic.consume", { queue, noAck: true });
  await channel.bodies(10);
});

contract("A rejected message makes room for the next one", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 2);
  await channel.call("basic.qos", { prefetchCount: 1 });
  await channel.call("basic.consume", { queue });
  await channel.bodies(1);
  await channel.send("basic.reject", { deliveryTag: 1, requeue: false });
  assert.deepEqual(await channel.bodies(1), ["1"]);
});

contract("Prefetch by bytes is not implemented and closes the connection", async (broker) => {
  const channel = await (await broker.connect()).channel();
  await refused(
    channel.call("basic.qos", { prefetchSize: 1 }),
    540,
    "NOT_IMPLEMENTED - prefetch_size!=0 (1)",
  );
});

contract(
  "After the channel's global limit is lowered, deliveries wait until enough are acknowledged",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await filled(broker, channel, 6);
    await channel.call("basic.qos", { prefetchCount: 4, global: true });
    await channel.call("basic.consume", { queue });
    assert.deepEqual(await channel.bodies(4), ["0", "1", "2", "3"]);
    await channel.call("basic.qos", { prefetchCount: 2, global: true });
    await channel.send("basic.ack", { deliveryTag: 2, multiple: true });
    if (broker.expected.globalLimit === "each consumer's") {
      // The limit was set after the consumer attached, which keeps its own.
      assert.deepEqual(await channel.bodies(2), ["4", "5"]);
      return;
    }
    await quiet(channel, queue);
    await channel.send("basic.ack", { deliveryTag: 3 });
    assert.deepEqual(await channel.bodies(1), ["4"]);
  },
);

contract("A limit per consumer that is set after a global one removes the global one", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [await filled(broker, channel, 5), await filled(broker, channel, 5)];
  await channel.call("basic.qos", { prefetchCount: 3, global: true });
  await channel.call("basic.qos", { prefetchCount: 2 });
  for (const queue of [first, second]) await channel.call("basic.consume", { queue });
  assert.deepEqual((await channel.bodies(4)).sort(), ["0", "0", "1", "1"]);
  await quiet(channel, second);
});

contract("Recovered messages are limited by the prefetch", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 4);
  await channel.call("basic.qos", { prefetchCount: 2 });
  await channel.call("basic.consume", { queue });
  await channel.bodies(2);
  await channel.call("basic.recover", { requeue: true });
  assert.deepEqual(await channel.bodies(2), ["0", "1"]);
  await quiet(channel, queue);
});
