/** Consumers that share a limit, or a slow connection, are served in turn. */

import assert from "node:assert/strict";
import { contract, quiet, type Session } from "../support/contract.ts";
import {
  BODY,
  concat,
  METHOD,
  methodFrame,
  PROTOCOL_HEADER,
  WireSocket,
  within,
} from "../support/wire_client.ts";
import type { WireChannel } from "../support/wire_connection.ts";
import { decodeMethod } from "../support/wire_methods.ts";

/** A queue with `count` messages. */
async function filled(broker: Session, channel: WireChannel, count: number, body = ""): Promise<string> {
  const queue = await broker.queue(channel);
  await broker.fill(queue, Array.from({ length: count }, () => body));
  return queue;
}

/** Takes this many deliveries, acknowledges each at once, and counts them for each consumer. */
async function shares(channel: WireChannel, count: number): Promise<Record<string, number>> {
  const taken: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const { consumerTag, deliveryTag } = await channel.delivery();
    taken[consumerTag as string] = (taken[consumerTag as string] ?? 0) + 1;
    await channel.send("basic.ack", { deliveryTag });
  }
  return taken;
}

contract("Two consumers of one queue share a global limit of 1 evenly", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 10);
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  for (const consumerTag of ["a", "b"]) await channel.call("basic.consume", { queue, consumerTag });
  // The first consumer may be served twice before the other one's first turn.
  const { a, b } = await shares(channel, 10);
  assert.ok(Math.min(a!, b!) >= 4, `Each should get about 5 of 10, got ${a} and ${b}`);
});

contract("A global limit that one acknowledgement with multiple frees is shared evenly", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 40);
  await channel.call("basic.qos", { prefetchCount: 10, global: true });
  for (const consumerTag of ["a", "b"]) await channel.call("basic.consume", { queue, consumerTag });
  const taken = { a: 0, b: 0 };
  for (let round = 0; round < 4; round++) {
    let last = 0;
    for (let i = 0; i < 10; i++) {
      const { consumerTag, deliveryTag } = await channel.delivery();
      if (round > 0) taken[consumerTag as "a" | "b"]++;
      last = deliveryTag;
    }
    await channel.send("basic.ack", { deliveryTag: last, multiple: true });
  }
  assert.deepEqual(taken, { a: 15, b: 15 });
});

contract("Three queues that share a global limit of 1 are all served", async (broker) => {
  const channel = await broker.channel();
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  for (const consumerTag of ["a", "b", "c"]) {
    const queue = await filled(broker, channel, 99);
    await channel.call("basic.consume", { queue, consumerTag });
  }
  const taken = await shares(channel, 99);
  for (const tag of ["a", "b", "c"]) {
    assert.ok(taken[tag]! >= 15, `Each should get about 33 of 99, got ${JSON.stringify(taken)}`);
  }
});

contract("Consumers with their own limit beside the global one are served in turn", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 20);
  await channel.call("basic.qos", { prefetchCount: 1 });
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  for (const consumerTag of ["a", "b"]) await channel.call("basic.consume", { queue, consumerTag });
  const { a, b } = await shares(channel, 20);
  assert.ok(Math.min(a!, b!) >= 9, `Each should get about 10 of 20, got ${a} and ${b}`);
});

contract("A message that is requeued under a global limit of 1 is delivered again", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 1);
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  await channel.call("basic.consume", { queue });
  for (let i = 1; i <= 3; i++) {
    const { deliveryTag, redelivered } = await channel.delivery();
    assert.equal(redelivered, i > 1);
    await channel.send("basic.nack", { deliveryTag, requeue: true });
  }
  await channel.delivery();
});

contract("A no-ack consumer waits while the channel's global limit is used up", async (broker) => {
  const channel = await broker.channel();
  const [answered, unanswered] = [await filled(broker, channel, 2), await filled(broker, channel, 3)];
  await channel.call("basic.qos", { prefetchCount: 2, global: true });
  await channel.call("basic.consume", { queue: answered });
  await channel.bodies(2);
  await channel.call("basic.consume", { queue: unanswered, noAck: true });
  await quiet(channel, unanswered);
  await channel.send("basic.ack", { deliveryTag: 1 });
  await channel.bodies(3);
});

contract("Messages of a no-ack consumer do not count towards the global limit", async (broker) => {
  const channel = await broker.channel();
  const [answered, unanswered] = [await filled(broker, channel, 2), await filled(broker, channel, 10)];
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  await channel.call("basic.consume", { queue: unanswered, noAck: true });
  await channel.bodies(10);
  await channel.call("basic.consume", { queue: answered });
  await channel.bodies(1);
  await quiet(channel, answered);
});

contract("When a global limit is removed, every waiting consumer gets messages", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [await filled(broker, channel, 3), await filled(broker, channel, 3)];
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  for (const queue of [first, second]) await channel.call("basic.consume", { queue });
  await channel.bodies(1);
  await channel.call("basic.qos", { prefetchCount: 0, global: true });
  await channel.bodies(5);
});

contract("When a waiting consumer is cancelled, the next one gets its turn", async (broker) => {
  const channel = await broker.channel();
  const queue = await filled(broker, channel, 5);
  await channel.call("basic.qos", { prefetchCount: 1, global: true });
  for (const consumerTag of ["a", "b", "c"]) await channel.call("basic.consume", { queue, consumerTag });
  await channel.call("basic.cancel", { consumerTag: "b" });
  const { a, b, c } = await shares(channel, 5);
  assert.equal(b, undefined);
  assert.ok(Math.min(a!, c!) >= 2, `Each should get 2 or 3 of 5, got ${a} and ${c}`);
});

/** A client that reads one frame at a time, with two no-ack consumers of the queue on the given channels. */
async function slowClient(broker: Session, queue: string, channels: readonly number[]): Promise<WireSocket> {
  const socket = await WireSocket.open(broker.address);
  await socket.write(concat([
    PROTOCOL_HEADER,
    methodFrame(0, "connection.start-ok", {
      mechanism: "PLAIN",
      response: "\0guest\0guest",
      locale: "en_US",
    }),
    methodFrame(0, "connection.tune-ok", { channelMax: 10, frameMax: 131_072, heartbeat: 0 }),
    methodFrame(0, "connection.open", { virtualHost: "/" }),
    ...[...new Set(channels)].map((number) => methodFrame(number, "channel.open")),
    ...channels.map((number, index) =>
      methodFrame(number, "basic.consume", { queue, consumerTag: `${index}`, noAck: true })
    ),
  ]));
  return socket;
}

/** Reads this many deliveries, each with a body of one frame, and counts them for each consumer. */
async function read(socket: WireSocket, count: number): Promise<number[]> {
  const taken = [0, 0];
  for (let left = count; left > 0;) {
    const frame = (await within(socket.frame(), "a delivery"))!;
    if (frame.type === BODY) left--;
    if (frame.type !== METHOD) continue;
    const { name, args } = decodeMethod(frame.payload);
    if (name === "basic.deliver") taken[Number(args.consumerTag)]!++;
  }
  return taken;
}

for (const [where, channels] of [["one channel", [1, 1]], ["two channels", [1, 2]]] as const) {
  contract(`No-ack consumers on ${where} of a slow connection are served in turn`, async (broker) => {
    const count = 400;
    const queue = await filled(broker, await broker.channel(), count, "x".repeat(64 * 1024));
    using socket = await slowClient(broker, queue, channels);
    const least = Math.min(...await read(socket, count));
    assert.ok(least >= count / 4, `Each should get about half of ${count}, one got ${least}`);
  });
}
