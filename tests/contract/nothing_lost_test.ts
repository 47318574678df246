import assert from "node:assert/strict";
import { contract, counts } from "../support/contract.ts";
import { Random } from "../support/random.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

contract(
  "Thousands of messages arrive once and in the order in which they were published",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await channel.call("basic.qos", { prefetchCount: 100 });
    await channel.call("basic.consume", { queue });
    const filling = broker.fill(queue, numbers(3000));
    for (const expected of numbers(3000)) {
      const { body, deliveryTag } = await channel.delivery();
      assert.equal(body, expected);
      await channel.send("basic.ack", { deliveryTag });
    }
    await filling;
  },
);

contract("Consumers that share a queue get each message once and in order", async (broker) => {
  const channels = [await broker.channel(), await broker.channel(), await broker.channel()];
  const queue = await broker.queue(channels[0]!);
  for (const channel of channels) {
    await channel.call("basic.qos", { prefetchCount: 5 });
    await channel.call("basic.consume", { queue, consumerTag: "mine" });
  }
  const got: number[][] = channels.map(() => []);
  let missing = 600;
  const consuming = channels.map(async (channel, index) => {
    for (;;) {
      const item = await channel.inbox.take(
        ({ name }) => name === "basic.deliver" || name === "basic.cancel",
        "more",
      );
      if (item.name === "basic.cancel") return;
      got[index]!.push(Number(new TextDecoder().decode(item.bytes)));
      await channel.send("basic.ack", { deliveryTag: item.args.deliveryTag });
      // Deleting the queue, which cancels the consumers, ends the test.
      if (--missing === 0) await channel.send("queue.delete", { queue, noWait: true });
    }
  });
  await broker.fill(queue, numbers(600));
  await Promise.all(consuming);
  for (const each of got) assert.deepEqual(each, each.toSorted((a, b) => a - b));
  assert.deepEqual(got.flat().toSorted((a, b) => a - b).map(String), numbers(600));
});

for (const seed of [1, 2, 3, 4, 5]) {
  contract(
    `Whatever is requeued, recovered and closed, each message is acknowledged once (${seed})`,
    async (broker) => {
      const random = new Random(seed);
      const watcher = await broker.channel();
      const queue = await broker.queue(watcher, { arguments: random.int(2) ? { "x-max-priority": 3 } : {} });
      await broker.fill(queue, numbers(100), { priority: random.int(5) });
      const acknowledged: string[] = [];
      while (acknowledged.length < 100) {
        const channel = await broker.channel();
        await channel.call("basic.qos", { prefetchCount: 1 + random.int(10), global: random.int(2) === 1 });
        await channel.call("basic.consume", { queue });
        for (let i = random.int(40); i >= 0 && acknowledged.length < 100; i--) {
          const { body, deliveryTag } = await channel.delivery();
          const requeue = true;
          const fate = random.int(6);
          if (fate === 0) await channel.send("basic.nack", { deliveryTag, requeue });
          else if (fate === 1) await channel.send("basic.reject", { deliveryTag, requeue });
          else await channel.send("basic.ack", { deliveryTag });
          if (fate > 1) acknowledged.push(body);
        }
        await channel.call("channel.close", { code: 200 });
      }
      assert.deepEqual(acknowledged.toSorted((a, b) => Number(a) - Number(b)), numbers(100));
      assert.deepEqual(await counts(watcher, queue), { messages: 0, consumers: 0 });
    },
  );
}
