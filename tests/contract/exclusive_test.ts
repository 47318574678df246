import assert from "node:assert/strict";
import { contract, counts, refused } from "../support/contract.ts";
import type { Arguments } from "../support/wire_methods.ts";

const locked = (queue: string) =>
  `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '/'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`;

const methods: [method: string, args: Arguments][] = [
  ["queue.declare", {}],
  ["queue.declare", { exclusive: true }],
  ["queue.declare", { passive: true }],
  ["queue.bind", { exchange: "amq.direct", routingKey: "key" }],
  ["queue.purge", {}],
  ["queue.delete", {}],
  ["basic.consume", {}],
  ["basic.get", {}],
];

for (const [method, args] of methods) {
  contract(
    `${method} ${JSON.stringify(args)} of another connection's exclusive queue is refused`,
    async (broker) => {
      const queue = await broker.queue(await broker.channel(), { exclusive: true });
      const stranger = await (await broker.connect()).channel();
      await refused(stranger.call(method, { queue, ...args }), 405, locked(queue));
    },
  );
}

contract("Another connection may not remove a binding of an exclusive queue", async (broker) => {
  const owner = await broker.channel();
  const queue = await broker.queue(owner, { exclusive: true });
  const binding = { queue, exchange: "amq.direct", routingKey: queue };
  const stranger = await (await broker.connect()).channel();
  await stranger.call("queue.unbind", binding);
  await owner.call("queue.bind", binding);
  await refused(stranger.call("queue.unbind", binding), 405, locked(queue));
});

contract("Another connection may publish to an exclusive queue", async (broker) => {
  const owner = await broker.channel();
  const queue = await broker.queue(owner, { exclusive: true });
  await owner.call("basic.consume", { queue });
  const stranger = await (await broker.connect()).channel();
  await stranger.publish("", queue, "hello");
  assert.deepEqual(await owner.bodies(1), ["hello"]);
});

contract("All channels of the connection may use an exclusive queue", async (broker) => {
  const queue = await broker.queue(await broker.channel(), { exclusive: true });
  const another = await broker.channel();
  assert.deepEqual(await counts(another, queue), { messages: 0, consumers: 0 });
});

contract(
  "An exclusive queue is deleted with its connection, even if it was declared durable",
  async (broker) => {
    for (const durable of [false, true]) {
      const connection = await broker.connect();
      const queue = await broker.queue(await connection.channel(), { exclusive: true, durable });
      await connection.close();
      const channel = await broker.channel();
      await refused(
        channel.call("queue.declare", { queue, passive: true }),
        404,
        `NOT_FOUND - no queue '${queue}' in vhost '/'`,
      );
    }
  },
);

contract(
  "An exclusive queue is never durable, so declaring it as durable or not is the same",
  async (broker) => {
    const channel = await broker.channel();
    for (const durable of [false, true]) {
      const queue = await broker.queue(channel, { exclusive: true, durable });
      await channel.call("queue.declare", { queue, exclusive: true, durable: !durable });
    }
  },
);

contract("An exclusive queue stays when only its channel closes", async (broker) => {
  const connection = await broker.connect();
  const first = await connection.channel();
  const queue = await broker.queue(first, { exclusive: true });
  await first.call("channel.close", { code: 200 });
  assert.deepEqual(await counts(await connection.channel(), queue), { messages: 0, consumers: 0 });
});

contract("A queue with an exclusive consumer refuses other consumers", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue, exclusive: true });
  for (const exclusive of [false, true]) {
    const another = await broker.channel();
    await refused(
      another.call("basic.consume", { queue, exclusive }),
      403,
      `ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`,
    );
  }
});

contract("An exclusive consumer is refused if the queue has a consumer", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue });
  await refused(
    channel.call("basic.consume", { queue, exclusive: true }),
    403,
    `ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`,
  );
});

contract("A get is allowed beside an exclusive consumer", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue, exclusive: true });
  assert.equal(await channel.get(queue), undefined);
});

contract("After an exclusive consumer is cancelled, other consumers are accepted", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  const { consumerTag } = await channel.call("basic.consume", { queue, exclusive: true });
  await channel.call("basic.cancel", { consumerTag });
  await channel.call("basic.consume", { queue });
});
