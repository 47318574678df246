import assert from "node:assert/strict";
import { contract, refused, type Session } from "../support/contract.ts";
import { type Table, typed } from "../support/wire_fields.ts";
import type { WireChannel } from "../support/wire_connection.ts";
import type { Arguments } from "../support/wire_methods.ts";

const stream = (args: Table = {}): Arguments => ({
  durable: true,
  arguments: { "x-queue-type": "stream", ...args },
});

/** A stream with messages. */
async function filled(broker: Session, bodies: readonly string[], args: Table = {}): Promise<string> {
  const queue = await broker.queue(await broker.channel(), stream(args));
  for (const body of bodies) await broker.fill(queue, [body]);
  return queue;
}

/** Begins to read a stream on a channel of its own. */
async function reading(
  broker: Session,
  queue: string,
  from?: unknown,
  prefetchCount = 100,
): Promise<WireChannel> {
  const channel = await broker.channel();
  await channel.call("basic.qos", { prefetchCount });
  const args = from === undefined ? {} : { "x-stream-offset": from };
  await channel.call("basic.consume", { queue, arguments: args });
  return channel;
}

const five = ["0", "1", "2", "3", "4"];

contract("Each consumer of a stream reads all of it, with offsets, and nothing leaves it", async (broker) => {
  const queue = await filled(broker, five);
  for (let i = 0; i < 2; i++) {
    const channel = await reading(broker, queue, "first");
    for (const body of five) {
      const delivery = await channel.delivery();
      assert.equal(delivery.body, body);
      assert.equal(delivery.redelivered, false);
      assert.equal(Number(delivery.properties.headers?.["x-stream-offset"]), Number(body));
      await channel.send("basic.ack", { deliveryTag: delivery.deliveryTag });
    }
  }
});

contract(
  "A message of a stream keeps what its sender wrote, and neither expires nor needs to be persistent",
  async (broker) => {
    const queue = await filled(broker, []);
    await broker.fill(queue, ["kept"], {
      headers: { mine: 1 },
      expiration: "1",
      deliveryMode: 1,
      messageId: "m1",
    });
    const channel = await reading(broker, queue, "first");
    const { properties } = await channel.delivery();
    assert.equal(properties.messageId, "m1");
    assert.equal(properties.headers?.mine, 1);
  },
);

const starts: [from: unknown, what: string, bodies: string[]][] = [
  ["first", "'first'", five],
  ["last", "'last', which is the last message here", ["4"]],
  [3, "an offset", ["3", "4"]],
  [typed("l", -1), "an offset below 0", five],
  [typed("T", 0), "a time", five],
  ["1h", "an age", five],
];
for (const [from, what, bodies] of starts) {
  contract(`A consumer begins at ${what}`, async (broker) => {
    const channel = await reading(broker, await filled(broker, five), from);
    assert.deepEqual(await channel.bodies(bodies.length), bodies);
  });
}

for (const from of [undefined, "next", typed("T", Math.round(Date.now() / 1000) + 1000), 5] as const) {
  contract(
    `A consumer that begins at ${
      from === undefined ? "nothing that it names" : JSON.stringify(from)
    } gets only what comes later`,
    async (broker) => {
      const queue = await filled(broker, five);
      const channel = await reading(broker, queue, from);
      const other = await reading(broker, queue, "last");
      await other.bodies(1);
      if (from instanceof Object) return;
      await broker.fill(queue, ["new"]);
      assert.deepEqual(await channel.bodies(1), ["new"]);
    },
  );
}

contract(
  "A consumer of a stream gets at most its prefetch, and more for each acknowledgement",
  async (broker) => {
    const channel = await reading(broker, await filled(broker, five), "first", 2);
    assert.deepEqual(await channel.bodies(2), ["0", "1"]);
    await channel.send("basic.ack", { deliveryTag: 2, multiple: true });
    assert.deepEqual(await channel.bodies(2), ["2", "3"]);
    await channel.send("basic.ack", { deliveryTag: 3 });
    assert.deepEqual(await channel.bodies(1), ["4"]);
  },
);

contract(
  "A cancelled consumer of a stream gets nothing more, and may still acknowledge what it has",
  async (broker) => {
    const channel = await broker.channel();
    await channel.call("basic.qos", { prefetchCount: 2 });
    const queue = await filled(broker, five);
    const { consumerTag } = await channel.call("basic.consume", {
      queue,
      arguments: { "x-stream-offset": "first" },
    });
    const [, last] = [await channel.delivery(), await channel.delivery()];
    await channel.call("basic.cancel", { consumerTag });
    await channel.send("basic.ack", { deliveryTag: last.deliveryTag, multiple: true });
    await channel.send("basic.qos", { prefetchCount: 1 });
    await channel.next("basic.qos-ok");
  },
);

contract("What a consumer of a stream did not acknowledge does not come again to others", async (broker) => {
  const queue = await filled(broker, five);
  const channel = await reading(broker, queue, "first", 2);
  const other = await reading(broker, queue, 4);
  await channel.bodies(2);
  assert.deepEqual(await other.bodies(1), ["4"]);
  await channel.call("channel.close", { code: 200 });
  await broker.fill(queue, ["new"]);
  assert.deepEqual(await other.bodies(1), ["new"]);
});

contract("Exclusive consumers of a stream exclude nobody", async (broker) => {
  const queue = await filled(broker, five);
  for (let i = 0; i < 2; i++) {
    const channel = await broker.channel();
    await channel.call("basic.qos", { prefetchCount: 10 });
    await channel.call("basic.consume", {
      queue,
      exclusive: true,
      arguments: { "x-stream-offset": "first" },
    });
    assert.deepEqual(await channel.bodies(5), five);
  }
});

for (
  const [method, args] of [["basic.nack", { requeue: true }], ["basic.reject", { requeue: false }]] as const
) {
  contract(`A stream takes ${method} for an acknowledgement, or not at all`, async (broker) => {
    const queue = await filled(broker, five);
    const connection = await broker.connect();
    const channel = await connection.channel();
    await channel.call("basic.qos", { prefetchCount: 1 });
    await channel.call("basic.consume", { queue, arguments: { "x-stream-offset": "first" } });
    const { deliveryTag } = await channel.delivery();
    await channel.send(method, { deliveryTag, ...args });
    if (broker.expected.streamsTake === "any answer") {
      assert.deepEqual(await channel.bodies(1), ["1"]);
      return;
    }
    const text =
      `NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues queue '${queue}' in vhost '/'`;
    await refused(channel.delivery(), 540, text, { by: method, scope: "connection" });
  });
}

for (const [method, args] of [["basic.get", {}], ["queue.purge", {}]] as const) {
  contract(`A stream does not support ${method}, which ends the connection`, async (broker) => {
    const queue = await filled(broker, []);
    const channel = await (await broker.connect()).channel();
    const text = `NOT_IMPLEMENTED - ${method} not supported by stream queues queue '${queue}' in vhost '/'`;
    await refused(channel.call(method, { queue, ...args }), 540, text, { scope: "connection" });
  });
}

contract("A consumer of a stream needs a prefetch", async (broker) => {
  const queue = await filled(broker, []);
  const channel = await broker.channel();
  const named = broker.expected.streamsTake === "only basic.ack"
    ? `'queue '${queue}' in vhost '/''`
    : `stream queue '${queue}' in vhost '/'`;
  const text = `PRECONDITION_FAILED - consumer prefetch count is not set for ${named}`;
  await refused(channel.call("basic.consume", { queue }), 406, text);
});

contract("A consumer of a stream acknowledges, or ends its connection", async (broker) => {
  const queue = await filled(broker, []);
  const channel = await (await broker.connect()).channel();
  await channel.call("basic.qos", { prefetchCount: 1 });
  const whose = broker.expected.streamsTake === "only basic.ack" ? "stream queues" : "stream";
  const text =
    `NOT_IMPLEMENTED - automatic acknowledgement not supported by ${whose} queue '${queue}' in vhost '/'`;
  await refused(channel.call("basic.consume", { queue, noAck: true }), 540, text, { scope: "connection" });
});

contract("A consumer of a stream has no priority", async (broker) => {
  const queue = await filled(broker, []);
  const channel = await broker.channel();
  await channel.call("basic.qos", { prefetchCount: 1 });
  const text =
    `PRECONDITION_FAILED - invalid arg 'x-priority' for queue '${queue}' in vhost '/' of queue type ` +
    "rabbit_stream_queue";
  await refused(channel.call("basic.consume", { queue, arguments: { "x-priority": 1 } }), 406, text);
});

const properties: [what: string, options: Arguments, reason: string][] = [
  ["durable", { durable: false }, "non-durable"],
  ["shared", { exclusive: true }, "exclusive-owner"],
  ["kept", { autoDelete: true }, "auto-delete"],
];
for (const [what, options, reason] of properties) {
  contract(`A stream must be ${what}`, async (broker) => {
    const channel = await broker.channel();
    const queue = broker.unique("stream");
    const text = `PRECONDITION_FAILED - invalid property '${reason}' for queue '${queue}' in vhost '/'`;
    await refused(channel.call("queue.declare", { queue, ...stream(), ...options }), 406, text);
  });
}

const known = "PRECONDITION_FAILED - invalid arg";
const wrong: [arg: string, value: unknown, reason: string][] = [
  ["x-message-ttl", 1, " of queue type rabbit_stream_queue"],
  ["x-max-length", 1, " of queue type rabbit_stream_queue"],
  ["x-expires", 1000, " of queue type rabbit_stream_queue"],
  ["x-dead-letter-exchange", "x", " of queue type rabbit_stream_queue"],
  ["x-overflow", "drop-head", " of queue type rabbit_stream_queue"],
  ["x-max-priority", 3, " of queue type rabbit_stream_queue"],
  ["x-single-active-consumer", true, " of queue type rabbit_stream_queue"],
  ["x-delivery-limit", 3, " of queue type rabbit_stream_queue"],
  ["x-max-age", "1x", ": invalid_max_age"],
  ["x-max-age", true, ": {unacceptable_type,bool}"],
  ["x-max-length-bytes", -1, ": {value_negative,-1}"],
  ["x-stream-max-segment-size-bytes", "a", ': "expected integer, got longstr"'],
  ["x-initial-cluster-size", 0, ": {value_zero,0}"],
  ["x-queue-leader-locator", "x", ": invalid_queue_locator_arg"],
];
for (const [arg, value, reason] of wrong) {
  contract(`A stream refuses ${arg} = ${value}`, async (broker) => {
    const channel = await broker.channel();
    const queue = broker.unique("stream");
    const text = `${known} '${arg}' for queue '${queue}' in vhost '/'${reason}`;
    await refused(channel.call("queue.declare", { queue, ...stream({ [arg]: value }) }), 406, text);
  });
}

contract("A stream's segments have a largest size", async (broker) => {
  const channel = await broker.channel();
  const args = stream({ "x-stream-max-segment-size-bytes": typed("l", 9_000_000_000) });
  const text = "PRECONDITION_FAILED - Exceeded max value for x-stream-max-segment-size-bytes";
  await refused(channel.call("queue.declare", { queue: broker.unique("stream"), ...args }), 406, text);
});

contract(
  "A stream forgets its oldest messages by whole segments once it is larger than allowed",
  async (broker) => {
    const limits = { "x-max-length-bytes": 20_000, "x-stream-max-segment-size-bytes": 10_000 };
    const queue = await filled(broker, [], limits);
    for (let i = 0; i < 60; i++) await broker.fill(queue, [`${i} `.padEnd(1_000, "x")]);
    const first = async () => {
      const channel = await reading(broker, queue, "first", 1);
      return Number((await channel.delivery()).body.split(" ")[0]);
    };
    // RabbitMQ looks for old segments a moment after it has begun another.
    let left = 0;
    for (let i = 0; i < 100 && left === 0; i++) left = await first();
    assert.ok(left > 0 && left < 50, `begins at ${left}`);
  },
);

contract("A stream is deleted whatever is in it, and ends its consumers", async (broker) => {
  const queue = await filled(broker, five);
  const channel = await reading(broker, queue, "first");
  await channel.bodies(5);
  const other = await broker.channel();
  await other.call("queue.delete", { queue, ifUnused: true, ifEmpty: true });
  await channel.next("basic.cancel");
});
