import assert from "node:assert/strict";
import { contract, drain, quiet, refused, type Session } from "../support/contract.ts";
import type { WireChannel } from "../support/wire_connection.ts";

/** A channel that consumes a queue and holds the messages "1", "2", "3" unacknowledged, tags 1 to 3. */
async function holding(broker: Session): Promise<{ channel: WireChannel; queue: string }> {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["1", "2", "3"]);
  for (let i = 0; i < 3; i++) await channel.get(queue);
  return { channel, queue };
}

contract("An unknown delivery tag closes the channel", async (broker) => {
  for (const method of ["basic.ack", "basic.nack", "basic.reject"]) {
    const channel = await broker.channel();
    await channel.send(method, { deliveryTag: 99 });
    await refused(channel.refused(), 406, "PRECONDITION_FAILED - unknown delivery tag 99");
  }
});

contract("A second acknowledgement closes the channel", async (broker) => {
  for (const second of ["basic.ack", "basic.nack", "basic.reject"]) {
    const { channel } = await holding(broker);
    await channel.send("basic.ack", { deliveryTag: 2 });
    await channel.send(second, { deliveryTag: 2 });
    await refused(channel.refused(), 406, "PRECONDITION_FAILED - unknown delivery tag 2");
  }
});

contract("Acknowledging a message that was delivered with no-ack closes the channel", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "");
  await channel.get(queue, { noAck: true });
  await channel.send("basic.ack", { deliveryTag: 1 });
  await refused(channel.refused(), 406, "PRECONDITION_FAILED - unknown delivery tag 1");
});

contract("A delivery tag is valid only on its own channel", async (broker) => {
  await holding(broker);
  const another = await broker.channel();
  await another.send("basic.ack", { deliveryTag: 1 });
  await refused(another.refused(), 406, "PRECONDITION_FAILED - unknown delivery tag 1");
});

contract("Delivery tag 0 without multiple closes the channel", async (broker) => {
  const { channel } = await holding(broker);
  await channel.send("basic.ack", { deliveryTag: 0 });
  await refused(channel.refused(), 406, "PRECONDITION_FAILED - unknown delivery tag 0");
});

contract(
  "Delivery tag 0 with multiple settles all outstanding messages, also if there are none",
  async (broker) => {
    const { channel, queue } = await holding(broker);
    await channel.send("basic.ack", { deliveryTag: 0, multiple: true });
    await channel.send("basic.ack", { deliveryTag: 0, multiple: true });
    await channel.send("basic.nack", { deliveryTag: 0, multiple: true, requeue: true });
    assert.deepEqual(await drain(channel, queue), []);
    await channel.call("channel.close", { code: 200 });
    assert.deepEqual(await drain(await broker.channel(), queue), []);
  },
);

contract("An acknowledgement with multiple covers all deliveries up to its tag", async (broker) => {
  const { channel, queue } = await holding(broker);
  await channel.send("basic.ack", { deliveryTag: 2, multiple: true });
  await channel.call("channel.close", { code: 200 });
  assert.deepEqual(await drain(await broker.channel(), queue), ["3"]);
});

contract("An acknowledgement with multiple and an unknown tag closes the channel", async (broker) => {
  const { channel } = await holding(broker);
  await channel.send("basic.ack", { deliveryTag: 9, multiple: true });
  await refused(channel.refused(), 406, "PRECONDITION_FAILED - unknown delivery tag 9");
});

contract(
  "An acknowledgement with multiple up to a settled tag covers the deliveries below it",
  async (broker) => {
    const { channel, queue } = await holding(broker);
    await channel.send("basic.ack", { deliveryTag: 2 });
    await channel.send("basic.ack", { deliveryTag: 2, multiple: true });
    await refused(channel.refused(), 406, "PRECONDITION_FAILED - unknown delivery tag 2");
    assert.deepEqual(await drain(await broker.channel(), queue), ["1", "3"]);
  },
);

contract(
  "A rejected message is dropped, or requeued to its place and marked as redelivered",
  async (broker) => {
    const { channel, queue } = await holding(broker);
    await channel.send("basic.reject", { deliveryTag: 1, requeue: false });
    await channel.send("basic.reject", { deliveryTag: 3, requeue: true });
    await channel.send("basic.reject", { deliveryTag: 2, requeue: true });
    const [first, second] = [await channel.get(queue), await channel.get(queue)];
    assert.deepEqual([first?.body, first?.redelivered], ["2", true]);
    assert.deepEqual([second?.body, second?.redelivered], ["3", true]);
    assert.equal(await channel.get(queue), undefined);
  },
);

contract("Nack rejects one, several or all", async (broker) => {
  const { channel, queue } = await holding(broker);
  await channel.send("basic.nack", { deliveryTag: 2, multiple: true, requeue: true });
  await channel.send("basic.nack", { deliveryTag: 0, multiple: true, requeue: false });
  assert.deepEqual(await drain(channel, queue), ["1", "2"]);
});

contract("A requeued message comes before those that were published after it", async (broker) => {
  const { channel, queue } = await holding(broker);
  await broker.fill(queue, ["4"]);
  await channel.send("basic.nack", { deliveryTag: 2, requeue: true });
  await channel.send("basic.nack", { deliveryTag: 1, requeue: true });
  assert.deepEqual(await drain(channel, queue), ["1", "2", "4"]);
});

contract("A closed channel requeues its unacknowledged messages in order", async (broker) => {
  const { channel, queue } = await holding(broker);
  await broker.fill(queue, ["4"]);
  await channel.call("channel.close", { code: 200 });
  const another = await broker.channel();
  const got = [];
  for (let i = 0; i < 4; i++) got.push(await another.get(queue));
  assert.deepEqual(got.map((message) => message?.body), ["1", "2", "3", "4"]);
  assert.deepEqual(got.map((message) => message?.redelivered), [true, true, true, false]);
});

contract("A channel that the server closes requeues its unacknowledged messages", async (broker) => {
  const { channel, queue } = await holding(broker);
  await channel.send("basic.ack", { deliveryTag: 99 });
  await channel.refused();
  assert.deepEqual(await drain(await broker.channel(), queue), ["1", "2", "3"]);
});

contract(
  "A dropped connection requeues its unacknowledged messages, and other consumers get them",
  async (broker) => {
    const connection = await broker.connect();
    const holder = await connection.channel();
    const queue = await broker.queue(holder);
    await broker.fill(queue, ["1", "2"]);
    await holder.call("basic.consume", { queue });
    await holder.bodies(2);
    const channel = await broker.channel();
    await channel.call("basic.consume", { queue });
    await connection.abort();
    const [first, second] = [await channel.delivery(), await channel.delivery()];
    assert.deepEqual([first.body, second.body, first.redelivered], ["1", "2", true]);
  },
);

contract(
  "When a connection closes, its unacknowledged messages do not go to its own other consumers",
  async (broker) => {
    const connection = await broker.connect();
    const [holder, taker] = [await connection.channel(), await connection.channel()];
    const queue = await broker.queue(await broker.channel());
    await broker.fill(queue, ["held"]);
    await holder.get(queue);
    await taker.call("basic.consume", { queue, noAck: true });
    await connection.close();
    const channel = await broker.channel();
    await channel.call("basic.consume", { queue });
    assert.deepEqual(await channel.bodies(1), ["held"]);
  },
);

contract("A requeued message is delivered again at once", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue });
  await channel.publish("", queue, "again");
  await channel.delivery();
  await channel.send("basic.nack", { deliveryTag: 1, requeue: true });
  const again = await channel.delivery();
  assert.deepEqual([again.body, again.deliveryTag, again.redelivered], ["again", 2, true]);
});

contract("Recover with requeue redelivers the unacknowledged messages of the channel", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["1", "2"]);
  await channel.call("basic.consume", { queue });
  await channel.bodies(2);
  assert.deepEqual(await channel.call("basic.recover", { requeue: true }), {});
  const [first, second] = [await channel.delivery(), await channel.delivery()];
  assert.deepEqual([first.body, first.deliveryTag, first.redelivered], ["1", 3, true]);
  assert.deepEqual([second.body, second.deliveryTag], ["2", 4]);
});

contract("Recover-async redelivers the unacknowledged messages without a reply", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["1"]);
  await channel.get(queue);
  await channel.send("basic.recover-async", { requeue: true });
  assert.equal((await channel.get(queue))?.redelivered, true);
  await quiet(channel, queue);
});

contract("Recover without requeue is not implemented and closes the connection", async (broker) => {
  for (const method of ["basic.recover", "basic.recover-async"]) {
    const channel = await (await broker.connect()).channel();
    await channel.send(method, { requeue: false });
    await refused(channel.refused(), 540, "NOT_IMPLEMENTED - requeue=false");
  }
});
