import assert from "node:assert/strict";
import { AMQPChannelError, Connection, type ReturnedMessage } from "rabbitmq-client";
import { contract, type Session } from "../../support/contract.ts";

async function connected(broker: Session): Promise<Connection & AsyncDisposable> {
  const connection = new Connection(broker.address.url);
  connection.on("error", () => {});
  await connection.onConnect(5000);
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

contract("The client rabbitmq-client declares, publishes, gets and deletes", async (broker) => {
  await using connection = await connected(broker);
  const queue = broker.unique("rabbitmq-client");
  await connection.queueDeclare({ queue });
  const channel = await connection.acquire();
  channel.basicPublish(queue, { hello: "world" });
  await channel.close();
  const message = await connection.basicGet({ queue, noAck: true });
  assert.deepEqual(message?.body, { hello: "world" });
  assert.equal(await connection.basicGet(queue), undefined);
  assert.deepEqual(await connection.queueDelete({ queue }), { messageCount: 0 });
});

contract(
  "The client rabbitmq-client has a consumer that declares, binds, consumes and requeues",
  async (broker) => {
    await using connection = await connected(broker);
    const [queue, exchange] = [broker.unique("rabbitmq-client"), broker.unique("topic")];
    const seen: unknown[] = [];
    const done = Promise.withResolvers<void>();
    const consumer = connection.createConsumer({
      queue,
      qos: { prefetchCount: 2 },
      exchanges: [{ exchange, type: "topic" }],
      queueBindings: [{ exchange, routingKey: "orders.*" }],
    }, (message) => {
      seen.push([message.body, message.redelivered]);
      if (!message.redelivered) throw new Error("again");
      done.resolve();
    });
    consumer.on("error", () => {});
    await new Promise((resolve) => consumer.once("ready", resolve));
    const publisher = connection.createPublisher();
    await publisher.send({ exchange, routingKey: "orders.new" }, "hello");
    await publisher.close();
    await done.promise;
    assert.deepEqual(seen, [["hello", false], ["hello", true]]);
    await consumer.close();
  },
);

contract("The client rabbitmq-client has a publisher that gets confirms and returns", async (broker) => {
  await using connection = await connected(broker);
  const queue = broker.unique("rabbitmq-client");
  const publisher = connection.createPublisher({ confirm: true, queues: [{ queue }] });
  await publisher.send(queue, "kept");
  const returned = new Promise<ReturnedMessage>((resolve) => publisher.once("basic.return", resolve));
  await publisher.send({ routingKey: broker.unique("nobody"), mandatory: true }, "returned");
  const { body, replyCode, replyText } = await returned;
  assert.deepEqual([body, replyCode, replyText], ["returned", 312, "NO_ROUTE"]);
  await publisher.close();
});

contract("The client rabbitmq-client calls an RPC over direct reply-to", async (broker) => {
  await using connection = await connected(broker);
  const queue = broker.unique("rabbitmq-client");
  const server = connection.createConsumer({ queue, queueOptions: { queue } }, async (message, reply) => {
    await reply(`${message.body}!`);
  });
  await new Promise((resolve) => server.once("ready", resolve));
  const client = connection.createRPCClient({ confirm: true });
  assert.equal((await client.send(queue, "hello")).body, "hello!");
  await client.close();
  await server.close();
});

contract("The client rabbitmq-client gets the code and the reason of a refusal", async (broker) => {
  await using connection = await connected(broker);
  const queue = broker.unique("missing");
  const refused = await connection.queueDeclare({ queue, passive: true }).catch((error) => error);
  assert.ok(refused instanceof AMQPChannelError);
  assert.deepEqual([refused.code, refused.message], [
    "NOT_FOUND",
    `QueueDeclare: NOT_FOUND - no queue '${queue}' in vhost '/'`,
  ]);
});
