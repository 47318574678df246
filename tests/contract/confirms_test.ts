import assert from "node:assert/strict";
import { contract, refused, type Session } from "../support/contract.ts";
import { concat, contentFrames } from "../support/wire_client.ts";
import type { Incoming, WireChannel } from "../support/wire_connection.ts";

async function confirming(broker: Session): Promise<WireChannel> {
  const channel = await broker.channel();
  assert.deepEqual(await channel.call("confirm.select"), {});
  return channel;
}

/** Waits until all publishes up to `last` are confirmed, and returns the result of each. */
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

contract("Publishes are confirmed, counted from 1 since confirm.select", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "before");
  await channel.call("confirm.select");
  for (let i = 0; i < 3; i++) await channel.publish("", queue, "");
  assert.deepEqual(await confirmed(channel, 3), { 1: "ack", 2: "ack", 3: "ack" });
});

contract("Persistent messages to durable queues are confirmed", async (broker) => {
  const channel = await confirming(broker);
  const queue = await broker.queue(channel, { durable: true });
  for (let i = 0; i < 100; i++) await channel.publish("", queue, "", { deliveryMode: 2 });
  const outcomes = await confirmed(channel, 100);
  assert.equal(Object.values(outcomes).filter((outcome) => outcome === "ack").length, 100);
});

contract("A second confirm.select changes nothing", async (broker) => {
  const channel = await confirming(broker);
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "");
  await confirmed(channel, 1);
  await channel.call("confirm.select");
  await channel.publish("", queue, "");
  assert.equal((await channel.next("basic.ack")).args.deliveryTag, 2);
});

contract("After confirm.select with no-wait there are confirms, and no select-ok", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.send("confirm.select", { noWait: true });
  await channel.publish("", queue, "");
  assert.deepEqual((await channel.next("basic.ack")).args, { deliveryTag: 1, multiple: false });
});

contract("An unroutable message is confirmed", async (broker) => {
  const channel = await confirming(broker);
  await channel.publish("", broker.unique("nobody"), "");
  assert.deepEqual(await confirmed(channel, 1), { 1: "ack" });
});

contract("An unroutable mandatory message is returned, then confirmed", async (broker) => {
  const channel = await confirming(broker);
  await channel.publish("", broker.unique("nobody"), "", { mandatory: true });
  await channel.returned();
  assert.deepEqual((await channel.next("basic.ack")).args, { deliveryTag: 1, multiple: false });
});

contract("A publish to a missing exchange closes the channel unconfirmed", async (broker) => {
  const channel = await confirming(broker);
  const missing = broker.unique("missing");
  await channel.publish(missing, "key", "");
  await refused(channel.refused(), 404, `NOT_FOUND - no exchange '${missing}' in vhost '/'`);
  assert.deepEqual(channel.inbox.items, []);
});

contract("Publishes to a full queue that rejects them get a nack", async (broker) => {
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

contract(
  "A message for several queues gets a nack if one is full, and the others keep it",
  async (broker) => {
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
  },
);

contract("A message that expires at once is confirmed", async (broker) => {
  const channel = await confirming(broker);
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "", { expiration: "0" });
  assert.deepEqual(await confirmed(channel, 1), { 1: "ack" });
});

contract("Confirms and transactions cannot be combined", async (broker) => {
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

contract("Unroutable messages are confirmed at once, each by itself and after its return", async (broker) => {
  const channel = await confirming(broker);
  const nobody = broker.unique("nobody");
  const publish = (mandatory: boolean) =>
    contentFrames(
      channel.number,
      "basic.publish",
      { exchange: "", routingKey: nobody, mandatory },
      {},
      new Uint8Array(1),
      4096,
    );
  await channel.connection.socket.write(concat([false, true, false, true].map(publish)));
  const came = [];
  for (let i = 0; i < 6; i++) {
    const { name, args } = await channel.inbox.take(() => true, "a return or a confirm");
    came.push(name === "basic.return" ? name : `${name} ${args.deliveryTag} ${args.multiple}`);
  }
  assert.deepEqual(came, [
    "basic.ack 1 false",
    "basic.return",
    "basic.ack 2 false",
    "basic.ack 3 false",
    "basic.return",
    "basic.ack 4 false",
  ]);
});

contract(
  "Unroutable messages among persistent ones are all confirmed, none of them twice",
  async (broker) => {
    const channel = await confirming(broker);
    const queue = await broker.queue(channel, { durable: true });
    const nobody = broker.unique("nobody");
    const count = 60;
    await channel.connection.socket.write(concat(
      Array.from({ length: count }, (_, i) =>
        contentFrames(
          channel.number,
          "basic.publish",
          { exchange: "", routingKey: i % 3 === 0 ? nobody : queue },
          { deliveryMode: 2 },
          new Uint8Array(1),
          4096,
        )),
    ));
    const single = new Set<number>();
    const open = new Set(Array.from({ length: count }, (_, i) => i + 1));
    while (open.size > 0) {
      const { deliveryTag, multiple } = (await channel.next("basic.ack")).args as {
        deliveryTag: number;
        multiple: boolean;
      };
      if (multiple) { for (const tag of open) if (tag <= deliveryTag) open.delete(tag); }
      else {
        assert.ok(!single.has(deliveryTag), `${deliveryTag} was confirmed twice`);
        single.add(deliveryTag);
        open.delete(deliveryTag);
      }
    }
    for (let tag = 1; tag <= count; tag += 3) {
      assert.ok(
        single.has(tag),
        `${tag} was not confirmed by itself`,
      );
    }
  },
);
