import assert from "node:assert/strict";
import { contract, quiet, refused, type Session } from "../support/contract.ts";

const REPLY_TO = "amq.rabbitmq.reply-to";

/** A requester that has sent one request, and a server that has received it. */
async function conversation(broker: Session) {
  const [client, server] = [await broker.channel(), await broker.channel()];
  const queue = await broker.queue(server);
  const { consumerTag } = await client.call("basic.consume", { queue: REPLY_TO, noAck: true });
  await client.publish("", queue, "request", { replyTo: REPLY_TO, correlationId: "7" });
  // The reply uses another channel, so its order relative to this one is not defined.
  let request;
  while (request === undefined) request = await server.get(queue, { noAck: true });
  return { client, server, queue, consumerTag: consumerTag as string, replyTo: request.properties.replyTo! };
}

contract("A direct reply over the default exchange reaches the channel that asked", async (broker) => {
  const { client, server, consumerTag, replyTo } = await conversation(broker);
  assert.match(replyTo, /^amq\.rabbitmq\.reply-to\.[A-Za-z0-9+/]+={0,2}\.[A-Za-z0-9+/]{22}==$/);
  await server.publish("", replyTo, "reply", { correlationId: "7" });
  const reply = await client.delivery();
  assert.deepEqual(
    [
      reply.body,
      reply.exchange,
      reply.routingKey,
      reply.consumerTag,
      reply.properties.correlationId,
      reply.redelivered,
    ],
    ["reply", "", replyTo, consumerTag, "7", false],
  );
});

contract("Several direct replies arrive without counting delivery tags", async (broker) => {
  const { client, server, replyTo } = await conversation(broker);
  for (const body of ["1", "2"]) await server.publish("", replyTo, body);
  const replies = [await client.delivery(), await client.delivery()];
  assert.deepEqual(replies.map(({ body, deliveryTag }) => [body, deliveryTag]), [["1", 1], ["2", 1]]);
});

contract(
  "A mandatory direct reply arrives and is also returned, because its address is not a queue",
  async (broker) => {
    const { client, server, replyTo } = await conversation(broker);
    await server.publish("", replyTo, "reply", { mandatory: true });
    assert.equal((await client.delivery()).body, "reply");
    const returned = await server.returned();
    assert.deepEqual([returned.code, returned.text, returned.routingKey], [312, "NO_ROUTE", replyTo]);
  },
);

contract("A direct reply from another connection reaches the requester", async (broker) => {
  const { client, replyTo } = await conversation(broker);
  const stranger = await (await broker.connect()).channel();
  await stranger.publish("", replyTo, "reply");
  assert.equal((await client.delivery()).body, "reply");
});

contract("A request is refused if its channel does not consume the pseudo-queue", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "request", { replyTo: REPLY_TO });
  await refused(channel.refused(), 406, "PRECONDITION_FAILED - fast reply consumer does not exist");
});

contract("A reply consumer must consume with no-ack", async (broker) => {
  const channel = await broker.channel();
  await refused(
    channel.call("basic.consume", { queue: REPLY_TO }),
    406,
    "PRECONDITION_FAILED - reply consumer cannot acknowledge",
  );
});

contract("A channel may have only one reply consumer", async (broker) => {
  const channel = await broker.channel();
  await channel.call("basic.consume", { queue: REPLY_TO, noAck: true });
  await refused(
    channel.call("basic.consume", { queue: REPLY_TO, noAck: true }),
    406,
    "PRECONDITION_FAILED - reply consumer already set",
  );
});

contract("A reply consumer's tag must be unique on its channel", async (broker) => {
  const channel = await (await broker.connect()).channel();
  const queue = await broker.queue(channel);
  await channel.call("basic.consume", { queue, consumerTag: "t1" });
  await refused(
    channel.call("basic.consume", { queue: REPLY_TO, consumerTag: "t1", noAck: true }),
    530,
    "NOT_ALLOWED - attempt to reuse consumer tag 't1'",
  );
});

contract("The pseudo-queue can be declared", async (broker) => {
  const channel = await broker.channel();
  assert.deepEqual(await channel.call("queue.declare", { queue: REPLY_TO }), {
    queue: REPLY_TO,
    messageCount: 0,
    consumerCount: 1,
  });
});

contract(
  "The declared pseudo-queue is the last queue of its channel, but cannot be purged or bound",
  async (broker) => {
    for (const [method, args] of [["queue.purge", {}], ["queue.bind", { exchange: "amq.direct" }]] as const) {
      const channel = await broker.channel();
      await channel.call("queue.declare", { queue: REPLY_TO, durable: true, exclusive: true });
      await refused(channel.call(method, args), 404, `NOT_FOUND - no queue '${REPLY_TO}' in vhost '/'`);
    }
  },
);

contract("Declaring a made-up reply address is refused", async (broker) => {
  const channel = await broker.channel();
  await refused(
    channel.call("queue.declare", { queue: `${REPLY_TO}.nobody` }),
    404,
    `NOT_FOUND - no queue '${REPLY_TO}.nobody' in vhost '/'`,
  );
});

contract("Declaring a reply address says whether its requester exists", async (broker) => {
  const { client, server, replyTo } = await conversation(broker);
  assert.deepEqual(await server.call("queue.declare", { queue: replyTo, passive: true }), {
    queue: replyTo,
    messageCount: 0,
    consumerCount: 1,
  });
  await client.call("channel.close", { code: 200 });
  await refused(
    server.call("queue.declare", { queue: replyTo, passive: true }),
    404,
    `NOT_FOUND - no queue '${replyTo}' in vhost '/'`,
  );
});

contract("A direct reply to a closed channel is dropped, and a mandatory one is returned", async (broker) => {
  const { client, server, replyTo } = await conversation(broker);
  await client.call("channel.close", { code: 200 });
  await server.publish("", replyTo, "dropped");
  await server.publish("", replyTo, "returned", { mandatory: true });
  const returned = await server.returned();
  assert.deepEqual([returned.body, returned.code, returned.text], ["returned", 312, "NO_ROUTE"]);
});

contract("A reply to a made-up address reaches nobody", async (broker) => {
  const channel = await broker.channel();
  const routingKey = `${REPLY_TO}.nobody`;
  await channel.publish("", routingKey, "returned", { mandatory: true });
  assert.equal((await channel.returned()).routingKey, routingKey);
});

contract("A requester that was cancelled gets no replies, and may consume again", async (broker) => {
  const { client, server, replyTo, queue, consumerTag } = await conversation(broker);
  await client.call("basic.cancel", { consumerTag });
  await server.publish("", replyTo, "dropped");
  await quiet(server, queue);
  await client.call("basic.consume", { queue: REPLY_TO, noAck: true });
  await quiet(client, queue);
});

contract("The name of another queue in reply-to is not changed", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "", { replyTo: "my-replies" });
  assert.equal((await channel.get(queue))?.properties.replyTo, "my-replies");
});

contract("A get from the pseudo-queue is refused", async (broker) => {
  const channel = await broker.channel();
  await refused(
    channel.call("basic.get", { queue: REPLY_TO }),
    404,
    `NOT_FOUND - no queue '${REPLY_TO}' in vhost '/'`,
  );
});
