import assert from "node:assert/strict";
import { contract, drain, refused } from "../support/contract.ts";

contract("A binding that is made twice delivers once, and is removed by one unbind", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const queue = await broker.queue(channel);
  for (let i = 0; i < 2; i++) await channel.call("queue.bind", { queue, exchange, routingKey: "key" });
  await channel.publish(exchange, "key", "once");
  assert.deepEqual(await drain(channel, queue), ["once"]);
  await channel.call("queue.unbind", { queue, exchange, routingKey: "key" });
  await channel.publish(exchange, "key", "lost");
  assert.deepEqual(await drain(channel, queue), []);
});

contract("Bindings that differ in their arguments are two bindings", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue, exchange, routingKey: "key", arguments: { a: 1 } });
  await channel.call("queue.bind", { queue, exchange, routingKey: "key", arguments: { a: 2 } });
  await channel.call("queue.unbind", { queue, exchange, routingKey: "key", arguments: { a: 1 } });
  await channel.publish(exchange, "key", "still bound");
  assert.deepEqual(await drain(channel, queue), ["still bound"]);
  await channel.call("queue.unbind", { queue, exchange, routingKey: "key" });
  await channel.publish(exchange, "key", "unbinding without arguments removed nothing");
  assert.deepEqual(await drain(channel, queue), ["unbinding without arguments removed nothing"]);
});

contract("A message that matches two binding keys is delivered once", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "topic");
  const queue = await broker.queue(channel);
  for (const routingKey of ["a.*", "*.b", "#"]) {
    await channel.call("queue.bind", { queue, exchange, routingKey });
  }
  await channel.publish(exchange, "a.b", "once");
  assert.deepEqual(await drain(channel, queue), ["once"]);
});

contract("A binding is deleted with its queue", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue, exchange, routingKey: "key" });
  await channel.call("queue.delete", { queue });
  await channel.call("queue.declare", { queue });
  await channel.publish(exchange, "key", "lost");
  assert.deepEqual(await drain(channel, queue), []);
});

contract("A binding is deleted with its exchange", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue, exchange, routingKey: "key" });
  await channel.call("exchange.delete", { exchange });
  await channel.call("exchange.declare", { exchange, type: "direct" });
  await channel.publish(exchange, "key", "lost");
  assert.deepEqual(await drain(channel, queue), []);
});

contract("Binding with no-wait gets no reply, and the binding routes", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const queue = await broker.queue(channel);
  await channel.send("queue.bind", { queue, exchange, routingKey: "key", noWait: true });
  await channel.publish(exchange, "key", "routed");
  assert.deepEqual(await drain(channel, queue), ["routed"]);
});

contract("A missing exchange is named when binding, before a missing queue", async (broker) => {
  const queue = await broker.queue(await broker.channel());
  const exchange = broker.unique("missing-exchange");
  for (const to of [queue, broker.unique("missing-queue")]) {
    const channel = await broker.channel();
    await refused(
      channel.call("queue.bind", { queue: to, exchange, routingKey: "key" }),
      404,
      `NOT_FOUND - no exchange '${exchange}' in vhost '/'`,
    );
  }
});

contract("A missing queue is named when binding", async (broker) => {
  const channel = await broker.channel();
  const missing = broker.unique("missing");
  await refused(
    channel.call("queue.bind", { queue: missing, exchange: "amq.direct", routingKey: "key" }),
    404,
    `NOT_FOUND - no queue '${missing}' in vhost '/'`,
  );
});

contract(
  "Unbinding what was never bound succeeds, even if the queue or exchange is missing",
  async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    const exchange = await broker.exchange(channel, "direct");
    const missing = broker.unique("missing");
    for (const [from, to] of [[exchange, queue], [missing, queue], [exchange, missing], [missing, missing]]) {
      assert.deepEqual(
        await channel.call("queue.unbind", { queue: to, exchange: from, routingKey: "key" }),
        {},
      );
    }
  },
);

contract("Binding to the default exchange, and unbinding from it, is refused", async (broker) => {
  for (const method of ["queue.bind", "queue.unbind"]) {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await refused(
      channel.call(method, { queue, exchange: "", routingKey: "key" }),
      403,
      "ACCESS_REFUSED - operation not permitted on the default exchange",
    );
  }
});

contract("The default exchange reaches every queue by its name", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "hello");
  const got = await channel.get(queue);
  assert.deepEqual([got?.exchange, got?.routingKey, got?.body], ["", queue, "hello"]);
});
