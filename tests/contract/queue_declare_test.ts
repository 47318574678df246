import assert from "node:assert/strict";
import { contract, counts, refused } from "../support/contract.ts";

contract("A new queue is empty and has no consumers", async (broker) => {
  const channel = await broker.channel();
  const queue = broker.unique("queue");
  const reply = await channel.call("queue.declare", { queue });
  assert.deepEqual(reply, { queue, messageCount: 0, consumerCount: 0 });
});

contract("Declaring a queue again returns how many messages and consumers it has", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["one", "two"]);
  assert.deepEqual(await channel.call("queue.declare", { queue }), {
    queue,
    messageCount: 2,
    consumerCount: 0,
  });

  await channel.call("basic.consume", { queue });
  await channel.bodies(2);
  assert.deepEqual(await channel.call("queue.declare", { queue }), {
    queue,
    messageCount: 0,
    consumerCount: 1,
  });
});

contract("A queue with an empty name gets a new name from the server", async (broker) => {
  const channel = await broker.channel();
  const first = (await channel.call("queue.declare", { exclusive: true })).queue as string;
  const second = (await channel.call("queue.declare", { exclusive: true })).queue as string;
  assert.match(first, /^amq\.gen-[A-Za-z0-9_-]{22}$/);
  assert.notEqual(first, second);
});

contract("An empty queue name means the last queue that was declared on the channel", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "hello");
  assert.equal((await channel.get(""))?.body, "hello");
  assert.deepEqual(await channel.call("queue.purge", { queue: "" }), { messageCount: 0 });
});

contract("An empty queue name in a passive declaration means no queue", async (broker) => {
  const channel = await broker.channel();
  await broker.queue(channel);
  await refused(
    channel.call("queue.declare", { queue: "", passive: true }),
    404,
    "NOT_FOUND - no queue '' in vhost '/'",
  );
});

contract("An empty routing key with an empty queue name binds under the queue's name", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct");
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue: "", exchange, routingKey: "" });
  await channel.publish(exchange, queue, "by name");
  assert.equal((await channel.get(queue))?.body, "by name");
});

contract("Declaring a queue with no-wait gets no reply, and creates it", async (broker) => {
  const channel = await broker.channel();
  const queue = broker.unique("queue");
  await channel.send("queue.declare", { queue, noWait: true });
  assert.deepEqual(await counts(channel, queue), { messages: 0, consumers: 0 });
  assert.deepEqual(channel.inbox.items, []);
});

contract("A queue's name may be UTF-8 and 255 bytes long", async (broker) => {
  const channel = await broker.channel();
  const short = broker.unique("заказы-🐇");
  const long = broker.unique("q".repeat(246));
  assert.equal(long.length, 255);
  for (const queue of [short, long]) {
    assert.equal((await channel.call("queue.declare", { queue })).queue, queue);
    assert.equal((await channel.call("queue.delete", { queue })).messageCount, 0);
  }
});

for (
  const [option, text] of [
    ["durable", "received 'true' but current is 'false'"],
    ["autoDelete", "received 'true' but current is 'false'"],
  ] as const
) {
  contract(`A queue cannot be declared again with another '${option}'`, async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    const arg = option === "autoDelete" ? "auto_delete" : option;
    await refused(
      channel.call("queue.declare", { queue, [option]: true }),
      406,
      `PRECONDITION_FAILED - inequivalent arg '${arg}' for queue '${queue}' in vhost '/': ${text}`,
    );
  });
}

contract("A durable queue cannot be declared again as a transient one", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { durable: true });
  await refused(
    channel.call("queue.declare", { queue }),
    406,
    `PRECONDITION_FAILED - inequivalent arg 'durable' for queue '${queue}' in vhost '/': received 'false' but current is 'true'`,
  );
});

contract("The option durable of a queue is compared before auto-delete", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await refused(
    channel.call("queue.declare", { queue, durable: true, autoDelete: true }),
    406,
    `PRECONDITION_FAILED - inequivalent arg 'durable' for queue '${queue}' in vhost '/': received 'true' but current is 'false'`,
  );
});

contract("A shared queue cannot be declared again as exclusive", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await refused(
    channel.call("queue.declare", { queue, exclusive: true }),
    405,
    `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  );
});

contract("An exclusive queue cannot be declared again as shared, not even by its owner", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { exclusive: true });
  await refused(
    channel.call("queue.declare", { queue }),
    405,
    `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  );
});

contract("A passive declaration of a queue compares only its name", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { durable: true, arguments: { "x-max-length": 5 } });
  const reply = await channel.call("queue.declare", {
    queue,
    passive: true,
    autoDelete: true,
    arguments: { "x-expires": 0 },
  });
  assert.equal(reply.queue, queue);
});

contract("A passive declaration of a missing queue is refused", async (broker) => {
  const channel = await broker.channel();
  const queue = broker.unique("missing");
  await refused(
    channel.call("queue.declare", { queue, passive: true }),
    404,
    `NOT_FOUND - no queue '${queue}' in vhost '/'`,
  );
});

contract("Declaring a queue with the prefix 'amq.' is refused", async (broker) => {
  const channel = await broker.channel();
  await refused(
    channel.call("queue.declare", { queue: "amq.foo" }),
    403,
    "ACCESS_REFUSED - queue name 'amq.foo' contains reserved prefix 'amq.*'",
  );
  const another = await broker.channel();
  await refused(
    another.call("queue.declare", { queue: "amq.foo", passive: true }),
    404,
    "NOT_FOUND - no queue 'amq.foo' in vhost '/'",
  );
});

contract("A queue that the server named can be declared again only passively", async (broker) => {
  const channel = await broker.channel();
  const queue = (await channel.call("queue.declare", { exclusive: true })).queue as string;
  assert.equal((await channel.call("queue.declare", { queue, passive: true })).queue, queue);
  await refused(
    channel.call("queue.declare", { queue, exclusive: true }),
    403,
    `ACCESS_REFUSED - queue name '${queue}' contains reserved prefix 'amq.*'`,
  );
});
