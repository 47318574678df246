import assert from "node:assert/strict";
import { contract, quiet, refused } from "../support/contract.ts";

const single = { arguments: { "x-single-active-consumer": true } };

contract("With a single active consumer only the first consumer gets messages", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, single);
  for (const consumerTag of ["first", "second"]) await channel.call("basic.consume", { queue, consumerTag });
  for (let i = 0; i < 4; i++) await channel.publish("", queue, "");
  for (let i = 0; i < 4; i++) assert.equal((await channel.delivery()).consumerTag, "first");
});

contract("When the single active consumer is cancelled, the next one takes over", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, single);
  for (const consumerTag of ["first", "second", "third"]) {
    await channel.call("basic.consume", { queue, consumerTag });
  }
  await channel.call("basic.cancel", { consumerTag: "first" });
  await channel.publish("", queue, "");
  assert.equal((await channel.delivery()).consumerTag, "second");
});

contract(
  "When the single active consumer's channel closes, the next one gets its messages",
  async (broker) => {
    const [first, second] = [await broker.channel(), await broker.channel()];
    const queue = await broker.queue(first, single);
    for (const channel of [first, second]) await channel.call("basic.consume", { queue });
    await broker.fill(queue, ["1", "2"]);
    await first.bodies(2);
    await first.call("channel.close", { code: 200 });
    assert.deepEqual(await second.bodies(2), ["1", "2"]);
  },
);

contract("Messages wait for a single active consumer that is at its limit", async (broker) => {
  const [first, second] = [await broker.channel(), await broker.channel()];
  const queue = await broker.queue(first, single);
  await first.call("basic.qos", { prefetchCount: 1 });
  for (const channel of [first, second]) await channel.call("basic.consume", { queue });
  await broker.fill(queue, ["1", "2"]);
  assert.deepEqual(await first.bodies(1), ["1"]);
  await quiet(second, queue);
  await first.send("basic.ack", { deliveryTag: 1 });
  assert.deepEqual(await first.bodies(1), ["2"]);
});

contract("A queue with a single active consumer refuses exclusive consumers", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, single);
  await refused(
    channel.call("basic.consume", { queue, exclusive: true }),
    403,
    `ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`,
  );
});

contract("A queue with a single active consumer allows gets", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, single);
  await broker.fill(queue, ["got"]);
  assert.equal((await channel.get(queue))?.body, "got");
});

contract(
  "A consumer with a higher priority does not replace the single active one, but is next",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel, single);
    for (const [consumerTag, priority] of [["low", 1], ["middle", 5], ["high", 9]] as const) {
      await channel.call("basic.consume", { queue, consumerTag, arguments: { "x-priority": priority } });
    }
    await channel.publish("", queue, "");
    assert.equal((await channel.delivery()).consumerTag, "low");
    await channel.call("basic.cancel", { consumerTag: "low" });
    await channel.publish("", queue, "");
    assert.equal((await channel.delivery()).consumerTag, "high");
  },
);
