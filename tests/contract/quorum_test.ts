import assert from "node:assert/strict";
import { contract, refused, type Session } from "../support/contract.ts";
import type { Table } from "../support/wire_fields.ts";
import type { WireChannel } from "../support/wire_connection.ts";
import type { Arguments } from "../support/wire_methods.ts";

const quorum = (args: Table = {}): Arguments => ({
  durable: true,
  arguments: { "x-queue-type": "quorum", ...args },
});

/** Waits for the next message, because a quorum queue may answer get-empty while a publish is on its way. */
async function consuming(broker: Session, channel: WireChannel, args: Table = {}): Promise<string> {
  const queue = await broker.queue(channel, quorum(args));
  await channel.call("basic.qos", { prefetchCount: 1 });
  await channel.call("basic.consume", { queue });
  return queue;
}

contract("A quorum queue counts redeliveries in a header: absent, then 1, then 2", async (broker) => {
  const channel = await broker.channel();
  const queue = await consuming(broker, channel);
  await channel.publish("", queue, "counted", { headers: { mine: 1 } });
  const seen = [];
  for (let i = 0; i < 3; i++) {
    const { deliveryTag, redelivered, properties } = await channel.delivery();
    seen.push([redelivered, properties.headers]);
    await channel.send("basic.nack", { deliveryTag, requeue: true });
  }
  const { countHeader } = broker.expected;
  assert.deepEqual(seen, [
    [false, { mine: 1 }],
    [true, { mine: 1, [countHeader]: 1 }],
    [true, { mine: 1, [countHeader]: 2 }],
  ]);
});

contract(
  "A sender's own count of deliveries is replaced by the queue's at the first redelivery",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await consuming(broker, channel);
    const { countHeader } = broker.expected;
    await channel.publish("", queue, "counted", { headers: { [countHeader]: 50 } });
    const first = await channel.delivery();
    assert.equal(first.properties.headers?.[countHeader], 50);
    await channel.send("basic.nack", { deliveryTag: first.deliveryTag, requeue: true });
    assert.equal((await channel.delivery()).properties.headers?.[countHeader], 1);
  },
);

contract(
  "A message beyond its delivery limit is dead-lettered with the reason 'delivery_limit'",
  async (broker) => {
    const channel = await broker.channel();
    const dead = await broker.queue(channel);
    const deadChannel = await broker.channel();
    await deadChannel.call("basic.consume", { queue: dead, noAck: true });
    const queue = await consuming(broker, channel, {
      "x-delivery-limit": 2,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": dead,
    });
    await channel.publish("", queue, "poison");
    for (const count of [undefined, 1, 2]) {
      const { deliveryTag, properties } = await channel.delivery();
      assert.equal(properties.headers?.["x-delivery-count"], count);
      await channel.send("basic.nack", { deliveryTag, requeue: true });
    }
    const letter = await deadChannel.delivery();
    const [death] = letter.properties.headers!["x-death"] as Table[];
    assert.deepEqual([letter.body, death!.reason, death!.queue, death!.count], [
      "poison",
      "delivery_limit",
      queue,
      1,
    ]);
    assert.equal(letter.properties.headers!["x-first-death-reason"], "delivery_limit");
  },
);

contract("With a delivery limit of 0 the first requeue drops the message", async (broker) => {
  const channel = await broker.channel();
  const queue = await consuming(broker, channel, { "x-delivery-limit": 0 });
  await channel.publish("", queue, "once");
  const { deliveryTag } = await channel.delivery();
  await channel.send("basic.nack", { deliveryTag, requeue: true });
  await channel.publish("", queue, "next");
  assert.equal((await channel.delivery()).body, "next");
});

contract("A quorum queue counts a delivery when the consumer's channel closes", async (broker) => {
  const first = await broker.channel();
  const queue = await consuming(broker, first);
  await first.publish("", queue, "held");
  await first.delivery();
  await first.call("channel.close", { code: 200 });
  const second = await broker.channel();
  await second.call("basic.qos", { prefetchCount: 1 });
  await second.call("basic.consume", { queue });
  assert.equal((await second.delivery()).properties.headers?.["x-delivery-count"], 1);
});

contract("Publishes to a quorum queue are confirmed", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, quorum());
  await broker.fill(queue, ["1", "2", "3"]);
  await channel.call("basic.consume", { queue, noAck: false });
  assert.deepEqual(await channel.bodies(3), ["1", "2", "3"]);
});

for (
  const [what, args, order] of [
    ["Without a delivery limit a requeued message goes to the end", {}, ["1", "2", "3", "1"]],
    ["With a delivery limit a requeued message comes next", { "x-delivery-limit": 5 }, ["1", "1", "2", "3"]],
  ] as const
) {
  contract(`${what} of a quorum queue`, async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel, quorum(args));
    await broker.fill(queue, ["1", "2", "3"]);
    await channel.call("basic.qos", { prefetchCount: 1 });
    await channel.call("basic.consume", { queue });
    const first = await channel.delivery();
    await channel.send("basic.nack", { deliveryTag: first.deliveryTag, requeue: true });
    const bodies = [first.body];
    while (bodies.length < order.length) {
      const { deliveryTag, body } = await channel.delivery();
      bodies.push(body);
      await channel.send("basic.ack", { deliveryTag });
    }
    assert.deepEqual(bodies, order);
  });
}

contract("The first get from a quorum queue has the headers of its version", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, quorum());
  await broker.fill(queue, ["got"]);
  assert.deepEqual((await channel.get(queue))?.properties.headers, broker.expected.firstGetHeaders);
});

for (const option of ["if-unused", "if-empty"]) {
  contract(`A quorum queue is not deleted ${option}: that is not implemented`, async (broker) => {
    const queue = await broker.queue(await broker.channel(), quorum());
    const channel = await (await broker.connect()).channel();
    await refused(
      channel.call("queue.delete", {
        queue,
        ifUnused: option === "if-unused",
        ifEmpty: option === "if-empty",
      }),
      540,
      `NOT_IMPLEMENTED - cannot delete queue '${queue}' in vhost '/'. queue.delete operations with ${option} flag set are not supported by quorum queues`,
    );
  });
}

for (
  const [options, property] of [
    [{ durable: false }, "non-durable"],
    [{ durable: true, exclusive: true }, "exclusive-owner"],
    [{ durable: true, autoDelete: true }, "auto-delete"],
    [{ durable: false, exclusive: true }, "exclusive-owner"],
    [{ durable: false, autoDelete: true }, "auto-delete"],
  ] as const
) {
  contract(
    `A quorum queue declared with ${JSON.stringify(options)} is refused as ${property}`,
    async (broker) => {
      const channel = await broker.channel();
      const queue = broker.unique("quorum");
      await refused(
        channel.call("queue.declare", { queue, ...options, arguments: { "x-queue-type": "quorum" } }),
        406,
        `PRECONDITION_FAILED - invalid property '${property}' for queue '${queue}' in vhost '/'`,
      );
    },
  );
}

for (
  const [argument, value] of [["x-max-priority", 5], ["x-queue-mode", "lazy"], [
    "x-queue-master-locator",
    "client-local",
  ]] as const
) {
  contract(`${argument} is not for a quorum queue`, async (broker) => {
    const channel = await broker.channel();
    const queue = broker.unique("quorum");
    await refused(
      channel.call("queue.declare", { queue, ...quorum({ [argument]: value }) }),
      406,
      `PRECONDITION_FAILED - invalid arg '${argument}' for queue '${queue}' in vhost '/' of queue type rabbit_quorum_queue`,
    );
  });
}

contract(
  "A quorum queue cannot be declared again as a classic one, nor the other way round",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel, quorum());
    const { classicType, quorumType } = broker.expected;
    await refused(
      channel.call("queue.declare", { queue, durable: true }),
      406,
      `PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue '${queue}' in vhost '/': received ${classicType.received} but current is ${quorumType.current}`,
    );
    const another = await broker.channel();
    const classic = await broker.queue(another, { durable: true });
    await refused(
      another.call("queue.declare", { queue: classic, ...quorum() }),
      406,
      `PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue '${classic}' in vhost '/': received ${quorumType.received} but current is ${classicType.current}`,
    );
  },
);

contract("A global prefetch is refused for a quorum queue", async (broker) => {
  const channel = await (await broker.connect()).channel();
  const queue = await broker.queue(channel, quorum());
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  await refused(
    channel.call("basic.consume", { queue }),
    540,
    `NOT_IMPLEMENTED - queue '${queue}' in vhost '/' does not support global qos`,
  );
});

contract("A full quorum queue drops its oldest message", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, quorum({ "x-max-length": 2 }));
  await broker.fill(queue, ["1", "2", "3"]);
  await channel.call("basic.consume", { queue });
  assert.deepEqual(await channel.bodies(2), ["2", "3"]);
});
