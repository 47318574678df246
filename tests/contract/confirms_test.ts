import assert from "node:assert/strict";
import { contract, refused, type Session } from "../support/contract.ts";
import type { Incoming, WireChannel } from "../support/wire_connection.ts";

async function confirming(broker: Session): Promise<WireChannel> {
  const channel = await broker.channel();
  assert.deepEqual(await channel.call("confirm.select"), {});
  return channel;
}

/** Waits until all publishes up to `last` are confirmed; returns what became of each. */
async function confirmed(channel: WireChannel, last: number): Promise<Record<number, string>> {
  const outcomes: Record<number, string> = {};
  while (Object.keys(outcomes).length < last) {
    const item = await channel.inbox.take(isConfirm, "a confirm");
    const tag = item.args.deliveryTag as number;
    const from = item.args.multiple ? 1 : tag;
    for (let each = from; each <= tag; each++) outcomes[each] ??= item.name.slice("basic.".length);
  }
  return outcomes;
}

const isConfirm = ({ name }: Incoming) => name === "basic.ack" || name === "basic.nack";

contract("publishes are confirmed, counted from 1 since confirm.select", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "before");
  await channel.call("confirm.select");
  for (let i = 0; i < 3; i++) await channel.publish("", queue, "");
  assert.deepEqual(await confirmed(channel, 3), { 1: "ack", 2: "ack", 3: "ack" });
});

contract("persistent messages to durable queues are confirmed", async (broker) => {
  const channel = await confirming(broker);
  const queue = await broker.queue(channel, { durable: true });
  for (let i = 0; i < 100; i++) await channel.publish("", queue, "", { deliveryMode: 2 });
  const outcomes = await confirmed(channel, 100);
  assert.equal(Object.values(outcomes).filter((outcome) => outcome === "ack").length, 100);
});

contract("selecting again changes nothing", async (broker) => {
  const channel = await confirming(broker);
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "");
  await confirmed(channel, 1);
  await channel.call("confirm.select");
  await channel.publish("", queue, "");
  assert.equal((await channel.next("basic.ack")).args.deliveryTag, 2);
});

contract("selected without waiting, confirms come without select-ok", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.send("confirm.select", { noWait: true });
  await channel.publish("", queue, "");
  assert.deepEqual((await channel.next("basic.ack")).args, { deliveryTag: 1, multiple: false });
});

contract("a message nobody is bound for is confirmed", async (broker) => {
  const channel = await confirming(broker);
  await channel.publish("", broker.unique("nobody"), "");
  assert.deepEqual(await confirmed(channel, 1), { 1: "ack" });
});

contract("a mandatory message nobody is bound for is returned, then confirmed", async (broker) => {
  const channel = await confirming(broker);
  await channel.publish("", broker.unique("nobody"), "", { mandatory: true });
  await channel.returned();
  assert.deepEqual((await channel.next("basic.ack")).args, { deliveryTag: 1, multiple: false });
});

contract("a publish to a missing exchange closes the channel unconfirmed", async (broker) => {
  const channel = await confirming(broker);
  const missing = broker.unique("missing");
  await channel.publish(missing, "key", "");
  await refused(channel.refused(), 404, `NOT_FOUND - no exchange '${missing}' in vhost '/'`);
  assert.deepEqual(channel.inbox.items, []);
});

contract("a full queue that rejects publishes nacks them", async (broker) => {
  const channel = await confirming(broker);
  const queue = await broker.queue(channel, {
    arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  await channel.publish("", queue, "kept");
  assert.deepEqual(await confirmed(channel, 1), { 1: "ack" });
  await channel.publish("", queue, "rejected");
  assert.equal((await channel.next("basic.nack")).args.deliveryTag, 2);
  assert.equal((await channel.get(queue, { noAck: true }))?.body, "kept");
  await channel.publish("", queue, "kept again");
  assert.equal((await channel.next("basic.ack")).args.deliveryTag, 3);
});

contract("one full queue among several nacks the message, which the others keep", async (broker) => {
  const channel = await confirming(broker);
  const exchange = await broker.exchange(channel, "fanout");
  const full = await broker.queue(channel, {
    arguments: { "x-max-length": 0, "x-overflow": "reject-publish" },
  });
  const open = await broker.queue(channel);
  for (const queue of [full, open]) await channel.call("queue.bind", { queue, exchange });
  await channel.publish(exchange, "", "partly");
  assert.deepEqual(await confirmed(channel, 1), { 1: "nack" });
  assert.equal((await channel.get(open))?.body, "partly");
  assert.equal(await channel.get(full), undefined);
});

contract("a message that expires at once is confirmed", async (broker) => {
  const channel = await confirming(broker);
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "", { expiration: "0" });
  assert.deepEqual(await confirmed(channel, 1), { 1: "ack" });
});

contract("confirms and transactions exclude each other", async (broker) => {
  const channel = await confirming(broker);
  await refused(
    channel.call("tx.select"),
    406,
    "PRECONDITION_FAILED - cannot switch from confirm to tx mode",
  );
  const another = await broker.channel();
  await another.call("tx.select");
  await refused(
    another.call("confirm.select"),
    406,
    "PRECONDITION_FAILED - cannot switch from tx to confirm mode",
  );
});
