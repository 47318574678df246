import assert from "node:assert/strict";
import { contract, counts, drain, refused, type Session } from "../support/contract.ts";
import { Refused, type WireChannel } from "../support/wire_connection.ts";

/** A queue whose expired messages go to another, where they can be waited for. */
async function withDeadLetters(broker: Session, channel: WireChannel, args: Record<string, unknown> = {}) {
  const dead = await broker.queue(channel);
  const queue = await broker.queue(channel, {
    arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead, ...args },
  });
  await channel.call("basic.consume", { queue: dead, noAck: true });
  return queue;
}

contract("A message expires after its queue's TTL", async (broker) => {
  const channel = await broker.channel();
  const queue = await withDeadLetters(broker, channel, { "x-message-ttl": 30 });
  await channel.publish("", queue, "expired");
  assert.equal((await channel.delivery()).body, "expired");
  assert.equal(await channel.get(queue), undefined);
});

contract("The shorter of a message's expiration and its queue's TTL applies", async (broker) => {
  const channel = await broker.channel();
  const long = await withDeadLetters(broker, channel, { "x-message-ttl": 60_000 });
  await channel.publish("", long, "own", { expiration: "20" });
  assert.equal((await channel.delivery()).body, "own");
  const short = await withDeadLetters(broker, channel, { "x-message-ttl": 20 });
  await channel.publish("", short, "queue's", { expiration: "60000" });
  assert.equal((await channel.delivery()).body, "queue's");
});

contract("Messages expire only at the head of their queue", async (broker) => {
  const channel = await broker.channel();
  const queue = await withDeadLetters(broker, channel);
  await channel.publish("", queue, "second to go", { expiration: "150" });
  await channel.publish("", queue, "first to expire", { expiration: "1" });
  assert.deepEqual(await channel.bodies(2), ["second to go", "first to expire"]);
});

contract("With TTL 0 a message without a consumer is dropped at once", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-message-ttl": 0 } });
  await broker.fill(queue, ["gone"]);
  assert.deepEqual(await drain(channel, queue), []);
});

contract("With TTL 0 a consumer with room gets the message", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-message-ttl": 0 } });
  await channel.call("basic.qos", { prefetchCount: 1 });
  await channel.call("basic.consume", { queue });
  await broker.fill(queue, ["delivered", "gone"]);
  assert.deepEqual(await channel.bodies(1), ["delivered"]);
  await channel.send("basic.ack", { deliveryTag: 1 });
  await broker.fill(queue, ["next"]);
  assert.deepEqual(await channel.bodies(1), ["next"]);
});

contract("An unacknowledged message does not expire until it is requeued", async (broker) => {
  const channel = await broker.channel();
  const queue = await withDeadLetters(broker, channel, { "x-message-ttl": 50 });
  const another = await broker.channel();
  await another.call("basic.consume", { queue });
  await channel.publish("", queue, "held");
  const held = await another.delivery();
  const probe = await withDeadLetters(broker, channel, { "x-message-ttl": 150 });
  await channel.publish("", probe, "time has passed");
  assert.equal((await channel.delivery()).body, "time has passed");
  await another.call("basic.cancel", { consumerTag: held.consumerTag });
  await another.send("basic.nack", { deliveryTag: held.deliveryTag, requeue: true });
  assert.equal((await channel.delivery()).body, "held");
});

contract("A get does not count expired messages among those that remain", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["first"]);
  await broker.fill(queue, ["expired"], { expiration: "0" });
  await broker.fill(queue, ["last"]);
  const first = await channel.get(queue);
  assert.deepEqual([first?.body, first?.messageCount], ["first", 1]);
});

contract("The expiration property is delivered as published", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "", { expiration: "60000" });
  assert.equal((await channel.get(queue))?.properties.expiration, "60000");
});

contract("An unused queue expires", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-expires": 100 } });
  const clock = await withDeadLetters(broker, channel, { "x-message-ttl": 300 });
  await channel.publish("", clock, "later");
  await channel.delivery();
  await refused(
    channel.call("queue.declare", { queue, passive: true }),
    404,
    `NOT_FOUND - no queue '${queue}' in vhost '/'`,
  );
});

contract("A queue with a consumer does not expire", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-expires": 100 } });
  await channel.call("basic.consume", { queue });
  const clock = await withDeadLetters(broker, channel, { "x-message-ttl": 300 });
  await channel.publish("", clock, "later");
  await channel.delivery();
  assert.deepEqual(await counts(channel, queue), { messages: 0, consumers: 1 });
});

contract("The messages of a queue that expires are not dead-lettered", async (broker) => {
  const channel = await broker.channel();
  const queue = await withDeadLetters(broker, channel, { "x-message-ttl": 300, "x-expires": 100 });
  await channel.publish("", queue, "lost");
  const clock = await withDeadLetters(broker, channel, { "x-message-ttl": 600 });
  await channel.publish("", clock, "later");
  assert.equal((await channel.delivery()).body, "later");
});

contract(
  "A queue without consumers dead-letters messages that expire before it",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await withDeadLetters(broker, channel, { "x-message-ttl": 300, "x-expires": 900 });
    await channel.publish("", queue, "back");
    const clock = await withDeadLetters(broker, channel, { "x-message-ttl": 1500 });
    await channel.publish("", clock, "later");
    assert.equal((await channel.delivery()).body, "back");
    assert.equal((await channel.delivery()).body, "later");
    assert.equal(await bindable(await (await broker.connect()).channel(), queue), false);
  },
);

contract("A get or a declare keeps a queue from expiring, and a bind does not", async (broker) => {
  const channel = await broker.channel();
  const expiring = { arguments: { "x-expires": 400 } };
  const queues: string[] = [];
  for (let i = 0; i < 3; i++) queues.push(await broker.queue(channel, expiring));
  const [got, declared, bound] = queues as [string, string, string];
  const other = await (await broker.connect()).channel();
  while (await bindable(other, bound)) {
    await channel.get(got);
    await channel.call("queue.declare", { queue: declared, ...expiring });
  }
  await channel.call("queue.declare", { queue: got, passive: true });
  await channel.call("queue.declare", { queue: declared, passive: true });
});

/**
 * Whether the queue is there, asked in a way that does not count as using it. The channel needs a connection of its own:
 * RabbitMQ 4.3 may end it with an internal error where the queue goes just then.
 */
async function bindable(channel: WireChannel, queue: string): Promise<boolean> {
  try {
    await channel.call("queue.bind", { queue, exchange: "amq.direct", routingKey: queue });
    return true;
  } catch (error) {
    if (error instanceof Refused && (error.code === 404 || error.code === 541)) return false;
    throw error;
  }
}
