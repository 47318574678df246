import assert from "node:assert/strict";
import { contract, refused } from "../support/contract.ts";
import type { Arguments } from "../support/wire_methods.ts";

const failing: [method: string, args: Arguments][] = [
  ["queue.bind", { queue: "no-such-queue", exchange: "amq.direct" }],
  ["queue.purge", { queue: "no-such-queue" }],
  ["basic.consume", { queue: "no-such-queue", consumerTag: "mine" }],
];

for (const [method, args] of failing) {
  contract(`${method} with no-wait closes the channel when it fails`, async (broker) => {
    const channel = await broker.channel();
    await channel.send(method, { ...args, noWait: true });
    await refused(channel.refused(), 404, "NOT_FOUND - no queue 'no-such-queue' in vhost '/'");
  });
}

contract("A declaration with no-wait is compared with what exists", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.send("queue.declare", { queue, durable: true, noWait: true });
  await refused(
    channel.refused(),
    406,
    `PRECONDITION_FAILED - inequivalent arg 'durable' for queue '${queue}' in vhost '/': received 'true' but current is 'false'`,
  );
});

contract("Methods with no-wait get no reply", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  const [source, destination] = [
    await broker.exchange(channel, "fanout"),
    await broker.exchange(channel, "fanout"),
  ];
  const noWait = true;
  await channel.send("exchange.bind", { source, destination, noWait });
  await channel.send("exchange.unbind", { source, destination, noWait });
  await channel.send("exchange.delete", { exchange: source, noWait });
  await channel.send("queue.bind", { queue, exchange: destination, noWait });
  await channel.send("basic.consume", { queue, consumerTag: "mine", noWait });
  await channel.send("basic.cancel", { consumerTag: "mine", noWait });
  await channel.send("queue.purge", { queue, noWait });
  await channel.send("queue.delete", { queue, noWait });
  await channel.send("confirm.select", { noWait });
  await channel.call("basic.qos");
  assert.deepEqual(channel.inbox.items, []);
});

contract(
  "After consuming with no-wait and without a tag, the messages have the server's tag",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await channel.send("basic.consume", { queue, noWait: true });
    await channel.publish("", queue, "");
    assert.match((await channel.delivery()).consumerTag as string, /^amq\.ctag-/);
  },
);
