import assert from "node:assert/strict";
import { contract, drain } from "../support/contract.ts";

contract(
  "An unroutable message goes to the alternate exchange, and keeps its exchange and key",
  async (broker) => {
    const channel = await broker.channel();
    const alternate = await broker.exchange(channel, "fanout");
    const exchange = await broker.exchange(channel, "direct", {
      arguments: { "alternate-exchange": alternate },
    });
    const [known, unknown] = [await broker.queue(channel), await broker.queue(channel)];
    await channel.call("queue.bind", { queue: known, exchange, routingKey: "known" });
    await channel.call("queue.bind", { queue: unknown, exchange: alternate });
    await channel.publish(exchange, "known", "routed");
    await channel.publish(exchange, "other", "alternate", { mandatory: true });
    assert.deepEqual(await drain(channel, known), ["routed"]);
    const got = await channel.get(unknown);
    assert.deepEqual([got?.exchange, got?.routingKey, got?.body], [exchange, "other", "alternate"]);
    assert.deepEqual(channel.inbox.items, [], "a message the alternate routes is not returned");
  },
);

contract("Alternate exchanges are followed from one to the next", async (broker) => {
  const channel = await broker.channel();
  const last = await broker.exchange(channel, "fanout");
  const middle = await broker.exchange(channel, "direct", { arguments: { "alternate-exchange": last } });
  const first = await broker.exchange(channel, "direct", { arguments: { "alternate-exchange": middle } });
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue, exchange: last });
  await channel.publish(first, "nobody", "far");
  assert.deepEqual(await drain(channel, queue), ["far"]);
});

contract("A mandatory message that no alternate exchange routes is returned", async (broker) => {
  const channel = await broker.channel();
  const alternate = await broker.exchange(channel, "direct");
  const exchange = await broker.exchange(channel, "direct", {
    arguments: { "alternate-exchange": alternate },
  });
  await channel.publish(exchange, "nobody", "returned", { mandatory: true });
  const returned = await channel.returned();
  assert.deepEqual([returned.exchange, returned.routingKey], [exchange, "nobody"]);
});

contract("A missing alternate exchange is ignored", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct", {
    arguments: { "alternate-exchange": broker.unique("missing") },
  });
  await channel.publish(exchange, "nobody", "returned", { mandatory: true });
  assert.equal((await channel.returned()).body, "returned");
});

contract("Routing through a circle of alternate exchanges ends", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [broker.unique("first"), broker.unique("second")];
  for (const [exchange, alternate] of [[first, second], [second, first]]) {
    await channel.call("exchange.declare", {
      exchange,
      type: "direct",
      arguments: { "alternate-exchange": alternate },
    });
  }
  await channel.publish(first, "nobody", "returned", { mandatory: true });
  assert.equal((await channel.returned()).body, "returned");
});

contract("The alternate exchange of an exchange that was reached by a binding is used", async (broker) => {
  const channel = await broker.channel();
  const alternate = await broker.exchange(channel, "fanout");
  const inner = await broker.exchange(channel, "direct", { arguments: { "alternate-exchange": alternate } });
  const outer = await broker.exchange(channel, "fanout");
  const queue = await broker.queue(channel);
  await channel.call("exchange.bind", { source: outer, destination: inner });
  await channel.call("queue.bind", { queue, exchange: alternate });
  await channel.publish(outer, "nobody", "inner's alternate");
  assert.deepEqual(await drain(channel, queue), ["inner's alternate"]);
});

contract("An internal alternate exchange is used", async (broker) => {
  const channel = await broker.channel();
  const alternate = await broker.exchange(channel, "fanout", { internal: true });
  const exchange = await broker.exchange(channel, "direct", {
    arguments: { "alternate-exchange": alternate },
  });
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue, exchange: alternate });
  await channel.publish(exchange, "nobody", "internal");
  assert.deepEqual(await drain(channel, queue), ["internal"]);
});
