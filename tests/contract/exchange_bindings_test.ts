import assert from "node:assert/strict";
import { contract, drain, refused } from "../support/contract.ts";

contract(
  "An exchange that is bound to another gets the messages that its binding matches",
  async (broker) => {
    const channel = await broker.channel();
    const source = await broker.exchange(channel, "topic");
    const destination = await broker.exchange(channel, "fanout");
    const queue = await broker.queue(channel);
    assert.deepEqual(
      await channel.call("exchange.bind", { source, destination, routingKey: "orders.*" }),
      {},
    );
    await channel.call("queue.bind", { queue, exchange: destination });
    await channel.publish(source, "orders.new", "passed on");
    await channel.publish(source, "bills.new", "kept back");
    const got = await channel.get(queue);
    assert.deepEqual([got?.exchange, got?.routingKey, got?.body], [source, "orders.new", "passed on"]);
    assert.deepEqual(await drain(channel, queue), []);
  },
);

contract("A queue that is reached in two ways gets the message once", async (broker) => {
  const channel = await broker.channel();
  const source = await broker.exchange(channel, "fanout");
  const [left, right] = [await broker.exchange(channel, "fanout"), await broker.exchange(channel, "fanout")];
  const queue = await broker.queue(channel);
  for (const destination of [left, right]) {
    await channel.call("exchange.bind", { source, destination });
    await channel.call("queue.bind", { queue, exchange: destination });
  }
  await channel.call("queue.bind", { queue, exchange: source });
  await channel.publish(source, "", "once");
  assert.deepEqual(await drain(channel, queue), ["once"]);
});

contract("Exchanges that are bound in a circle deliver a message once", async (broker) => {
  const channel = await broker.channel();
  const [first, second] = [
    await broker.exchange(channel, "fanout"),
    await broker.exchange(channel, "fanout"),
  ];
  const queue = await broker.queue(channel);
  await channel.call("exchange.bind", { source: first, destination: second });
  await channel.call("exchange.bind", { source: second, destination: first });
  await channel.call("exchange.bind", { source: first, destination: first });
  await channel.call("queue.bind", { queue, exchange: second });
  await channel.publish(first, "", "once");
  assert.deepEqual(await drain(channel, queue), ["once"]);
});

contract("An exchange that is unbound from another gets no more messages", async (broker) => {
  const channel = await broker.channel();
  const source = await broker.exchange(channel, "direct");
  const destination = await broker.exchange(channel, "fanout");
  const queue = await broker.queue(channel);
  await channel.call("exchange.bind", { source, destination, routingKey: "key" });
  await channel.call("queue.bind", { queue, exchange: destination });
  assert.deepEqual(await channel.call("exchange.unbind", { source, destination, routingKey: "key" }), {});
  await channel.publish(source, "key", "lost");
  assert.deepEqual(await drain(channel, queue), []);
});

contract("An exchange can be bound to an internal one, to which nobody can publish", async (broker) => {
  const channel = await broker.channel();
  const source = await broker.exchange(channel, "fanout");
  const internal = await broker.exchange(channel, "fanout", { internal: true });
  const queue = await broker.queue(channel);
  await channel.call("exchange.bind", { source, destination: internal });
  await channel.call("queue.bind", { queue, exchange: internal });
  await channel.publish(source, "", "through");
  assert.deepEqual(await drain(channel, queue), ["through"]);
  await channel.publish(internal, "", "refused");
  await refused(
    channel.refused(),
    403,
    `ACCESS_REFUSED - cannot publish to internal exchange '${internal}' in vhost '/'`,
  );
});

contract("A missing exchange of a binding is named, the source before the destination", async (broker) => {
  const exchange = await broker.exchange(await broker.channel(), "direct");
  const missing = broker.unique("missing"), gone = broker.unique("gone");
  for (
    const [source, destination, named] of [
      [missing, exchange, missing],
      [exchange, missing, missing],
      [missing, gone, missing],
    ]
  ) {
    const channel = await broker.channel();
    await refused(
      channel.call("exchange.bind", { source, destination, routingKey: "key" }),
      404,
      `NOT_FOUND - no exchange '${named}' in vhost '/'`,
    );
  }
});

contract("Unbinding exchanges that were never bound succeeds", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const missing = broker.unique("missing");
  for (const [source, destination] of [[exchange, exchange], [missing, exchange], [exchange, missing]]) {
    assert.deepEqual(await channel.call("exchange.unbind", { source, destination }), {});
  }
});

contract("The default exchange cannot be the source or destination of a binding", async (broker) => {
  const exchange = await broker.exchange(await broker.channel(), "direct");
  for (const method of ["exchange.bind", "exchange.unbind"]) {
    for (const [source, destination] of [["", exchange], [exchange, ""]]) {
      const channel = await broker.channel();
      await refused(
        channel.call(method, { source, destination }),
        403,
        "ACCESS_REFUSED - operation not permitted on the default exchange",
      );
    }
  }
});

contract("An auto-delete exchange is deleted with the last exchange that is bound to it", async (broker) => {
  const channel = await broker.channel();
  const source = await broker.exchange(channel, "fanout", { autoDelete: true });
  const destination = await broker.exchange(channel, "fanout");
  await channel.call("exchange.bind", { source, destination });
  await channel.call("exchange.delete", { exchange: destination });
  await refused(
    channel.call("exchange.declare", { exchange: source, passive: true }),
    404,
    `NOT_FOUND - no exchange '${source}' in vhost '/'`,
  );
});
