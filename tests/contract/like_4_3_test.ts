/** What RabbitMQ 4.3 does differently than 3.10, on a real one and on the embedded broker that behaves like it. */

import assert from "node:assert/strict";
import { contract as contractOfAll, quiet, refused, type Session } from "../support/contract.ts";
import { chosenRelease } from "../support/rabbitmq_release.ts";
import type { WireChannel } from "../support/wire_connection.ts";
import type { Table } from "../support/wire_fields.ts";

// With HOPPER_TEST_RABBITMQ=4.3 both brokers are that version.
const contract: typeof contractOfAll = (name, test) =>
  chosenRelease.from?.series === "4.3" ? contractOfAll(name, test) : undefined;

const MiB = 2 ** 20;

async function consuming(broker: Session, channel: WireChannel, args: Table = {}): Promise<string> {
  const queue = await broker.queue(channel, {
    durable: true,
    arguments: { "x-queue-type": "quorum", ...args },
  });
  await channel.call("basic.qos", { prefetchCount: 1 });
  await channel.call("basic.consume", { queue });
  return queue;
}

/** The headers of a message that returns to a quorum queue in these ways, one after the other. */
async function returned(broker: Session, ways: readonly string[], headers?: Table): Promise<unknown[]> {
  let channel = await broker.channel();
  const queue = await consuming(broker, channel);
  await channel.publish("", queue, "message", { headers });
  const seen: unknown[] = [];
  for (const way of ways) {
    const { deliveryTag, properties } = await channel.delivery();
    seen.push(properties.headers);
    if (way === "basic.recover") {
      await channel.call(way, { requeue: true });
    } else if (way === "channel.close") {
      await channel.call(way, { code: 200 });
      channel = await broker.channel();
      await channel.call("basic.qos", { prefetchCount: 1 });
      await channel.call("basic.consume", { queue });
    } else {
      await channel.send(way, { deliveryTag, requeue: true });
    }
  }
  seen.push((await channel.delivery()).properties.headers);
  return seen;
}

contract("A quorum queue counts returned deliveries, and separately failed ones", async (broker) => {
  const ways = ["basic.nack", "basic.recover", "basic.reject", "channel.close", "basic.nack"];
  assert.deepEqual(await returned(broker, ways, { mine: 1 }), [
    { mine: 1 },
    { mine: 1, "x-acquired-count": 1 },
    { mine: 1, "x-acquired-count": 2 },
    { mine: 1, "x-acquired-count": 3, "x-delivery-count": 1 },
    { mine: 1, "x-acquired-count": 4, "x-delivery-count": 2 },
    { mine: 1, "x-acquired-count": 5, "x-delivery-count": 2 },
  ]);
});

contract("A publisher's own count header is delivered until the quorum queue has a count", async (broker) => {
  assert.deepEqual(await returned(broker, ["basic.nack", "basic.reject"], { "x-delivery-count": 50 }), [
    { "x-delivery-count": 50 },
    { "x-acquired-count": 1, "x-delivery-count": 50 },
    { "x-acquired-count": 2, "x-delivery-count": 1 },
  ]);
});

contract("The first get from a quorum queue has no count headers", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await broker.fill(queue, ["message"]);
  assert.equal((await channel.get(queue))!.properties.headers, undefined);
});

for (
  const [limit, most] of [[undefined, 20], [2, 2], [0, 0]] as const
) {
  contract(
    `A quorum queue gives up a message that failed more than ${most} times, with the limit ${limit}`,
    async (broker) => {
      const channel = await broker.channel();
      const dead = await broker.queue(channel);
      const queue = await consuming(broker, channel, {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead,
        ...limit === undefined ? {} : { "x-delivery-limit": limit },
      });
      const letters = await broker.channel();
      await letters.call("basic.consume", { queue: dead, noAck: true });
      await channel.publish("", queue, "poison");
      for (let times = 0; times <= most; times++) {
        // A nack is not counted.
        const first = await channel.delivery();
        await channel.send("basic.nack", { deliveryTag: first.deliveryTag, requeue: true });
        const second = await channel.delivery();
        await channel.send("basic.reject", { deliveryTag: second.deliveryTag, requeue: true });
      }
      const { properties: { headers } } = await letters.delivery();
      assert.deepEqual([headers!["x-first-death-reason"], headers!["x-last-death-queue"]], [
        "delivery_limit",
        queue,
      ]);
      await quiet(channel, queue);
    },
  );
}

for (const limit of [undefined, 5, -1]) {
  contract(
    `A message of a quorum queue is requeued to its old place, with the limit ${limit}`,
    async (broker) => {
      const channel = await broker.channel();
      const args = limit === undefined ? {} : { "x-delivery-limit": limit };
      const queue = await broker.queue(channel, {
        durable: true,
        arguments: { "x-queue-type": "quorum", ...args },
      });
      await broker.fill(queue, ["1", "2"]);
      await channel.call("basic.qos", { prefetchCount: 1 });
      await channel.call("basic.consume", { queue });
      const first = await channel.delivery();
      await channel.send("basic.reject", { deliveryTag: first.deliveryTag, requeue: true });
      assert.equal((await channel.delivery()).body, "1");
    },
  );
}

contract("A queue without a type is shown as a classic queue", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { durable: true });
  await channel.call("queue.declare", { queue, durable: true, arguments: { "x-queue-type": "classic" } });
  await refused(
    channel.call("queue.declare", { queue, durable: true, arguments: { "x-queue-type": "quorum" } }),
    406,
    `PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue '${queue}' in vhost '/': received 'quorum' but current is 'classic'`,
  );
});

for (const [key, count] of [["#.#.#", 3], ["#.a.#.b.#.c.#", 4]] as const) {
  contract(`A topic binding with ${count} words '#' is refused`, async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    const destination = await broker.exchange(channel, "topic");
    await channel.call("queue.bind", { queue, exchange: "amq.topic", routingKey: "#.a.#" });
    await channel.call("queue.bind", { queue, exchange: "amq.topic", routingKey: "a#.#.#b.##.#" });
    await channel.call("queue.bind", { queue, exchange: "amq.direct", routingKey: key });
    const text =
      `PRECONDITION_FAILED - Topic binding key '${key}' uses ${count} '#' wildcards, at most 2 are allowed`;
    await refused(channel.call("queue.bind", { queue, exchange: "amq.topic", routingKey: key }), 406, text);
    const other = await broker.channel();
    await other.call("queue.unbind", { queue, exchange: "amq.topic", routingKey: key });
    const bind = other.call("exchange.bind", { destination, source: "amq.topic", routingKey: key });
    await refused(bind, 406, text);
  });
}

contract("A body of more than 16 MiB is refused", async (broker) => {
  const channel = await broker.channel();
  await channel.call("confirm.select");
  await channel.publish("", "nobody", new Uint8Array(16 * MiB));
  await channel.next("basic.ack");
  await channel.publish("", "nobody", new Uint8Array(16 * MiB + 1));
  await refused(
    channel.refused(),
    406,
    "PRECONDITION_FAILED - message size 16777217 is larger than configured max size 16777216",
  );
});

contract("A frame size below 8 KiB is refused", async (broker) => {
  await assert.rejects(broker.connect({ frameMax: 8191 }), { message: "The broker closed the socket" });
  await (await broker.connect({ frameMax: 8192 })).channel();
});

contract("An unknown exchange type closes the channel", async (broker) => {
  const channel = await broker.channel();
  const exchange = broker.unique("exchange");
  await refused(
    channel.call("exchange.declare", { exchange, type: "nope" }),
    406,
    "PRECONDITION_FAILED - unknown exchange type 'nope'",
  );
});

contract("Arguments of older kinds of queues are ignored or refused", async (broker) => {
  const channel = await broker.channel();
  await broker.queue(channel, { arguments: { "x-queue-mode": "nope", "x-queue-version": 2 } });
  const queue = broker.unique("queue");
  await refused(
    channel.call("queue.declare", { queue, arguments: { "x-queue-version": 1 } }),
    406,
    `PRECONDITION_FAILED - invalid arg 'x-queue-version' for queue '${queue}' in vhost '/': "unsupported queue version '1'"`,
  );
  const another = await (await broker.connect()).channel();
  const declare = another.call("queue.declare", {
    queue,
    arguments: { "x-queue-master-locator": "client-local" },
  });
  await refused(
    declare,
    541,
    "INTERNAL_ERROR - Feature `queue_master_locator` is deprecated.\n" +
      "By default, this feature is not permitted anymore.\n" +
      "The feature will be removed from a future major RabbitMQ version, regardless of the configuration; " +
      "actual version to be determined.\nTo con...",
  );
});

contract("A global prefetch limit applies to each consumer by itself", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["1", "2", "3", "4", "5"]);
  await channel.call("basic.qos", { prefetchCount: 2, global: true });
  for (const consumerTag of ["a", "b"]) await channel.call("basic.consume", { queue, consumerTag });
  assert.deepEqual((await channel.bodies(4)).toSorted(), ["1", "2", "3", "4"]);
  await quiet(channel, queue);
});

contract(
  "A dead letter has headers about its first and its last death, whatever its publisher wrote",
  async (broker) => {
    const channel = await broker.channel();
    const dead = await broker.queue(channel);
    const queue = await broker.queue(channel, {
      arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead },
    });
    await channel.call("basic.consume", { queue: dead, noAck: true });
    await channel.publish("", queue, "", {
      expiration: "60000",
      headers: { "x-death": [{ queue, reason: "rejected", count: 7 }], "x-first-death-queue": "mine" },
    });
    const { deliveryTag } = (await channel.get(queue))!;
    await channel.send("basic.reject", { deliveryTag });
    const { "x-death": deaths, ...about } = (await channel.delivery()).properties.headers!;
    const [{ time: _time, ...death }, ...others] = deaths as [Table];
    assert.deepEqual([death, others], [{
      "original-expiration": "60000",
      count: 1,
      reason: "rejected",
      queue,
      exchange: "",
      "routing-keys": [queue],
    }, []]);
    assert.deepEqual(about, {
      "x-first-death-exchange": "",
      "x-first-death-queue": queue,
      "x-first-death-reason": "rejected",
      "x-last-death-exchange": "",
      "x-last-death-queue": queue,
      "x-last-death-reason": "rejected",
    });
  },
);

const REPLY_TO = "amq.rabbitmq.reply-to";

/** A requester that waits for replies, and its reply address. */
async function asking(broker: Session) {
  const [client, server] = [await broker.channel(), await broker.channel()];
  const queue = await broker.queue(server);
  await client.call("basic.consume", { queue: REPLY_TO, noAck: true });
  await client.publish("", queue, "request", { replyTo: REPLY_TO });
  let request;
  while (request === undefined) request = await server.get(queue, { noAck: true });
  return { client, server, address: request.properties.replyTo! };
}

contract("Direct replies have delivery tags that are counted", async (broker) => {
  const { client, server, address } = await asking(broker);
  for (const body of ["1", "2"]) await server.publish("", address, body);
  const replies = [await client.delivery(), await client.delivery()];
  assert.deepEqual(replies.map(({ body, deliveryTag }) => [body, deliveryTag]), [["1", 1], ["2", 2]]);
});

contract("A mandatory reply is not returned, whether its requester still exists or not", async (broker) => {
  const { client, server, address } = await asking(broker);
  await server.publish("", address, "reply", { mandatory: true });
  assert.equal((await client.delivery()).body, "reply");
  await client.call("channel.close", { code: 200 });
  await server.publish("", address, "late", { mandatory: true });
  await server.publish("", `${REPLY_TO}.nobody`, "made up", { mandatory: true });
  assert.equal((await server.returned()).body, "made up");
});

contract("Declaring a made-up reply address closes the connection", async (broker) => {
  const channel = await (await broker.connect()).channel();
  const declare = channel.call("queue.declare", { queue: `${REPLY_TO}.nobody` });
  await refused(declare, 541, "INTERNAL_ERROR", { by: "none" });
});

contract("A cancel-ok that the server did not ask for closes the connection", async (broker) => {
  const connection = await broker.connect();
  const channel = await connection.channel();
  await channel.send("basic.cancel-ok", { consumerTag: "x" });
  await refused(connection.refused(), 541, "INTERNAL_ERROR", { by: "none" });
});
