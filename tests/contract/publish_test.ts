import assert from "node:assert/strict";
import { contract, counts, drain, refused } from "../support/contract.ts";
import { decodeHeader, type Properties } from "../support/wire_methods.ts";
import { typed } from "../support/wire_fields.ts";

const allProperties: Properties = {
  contentType: "application/json",
  contentEncoding: "gzip",
  headers: {
    text: "grün",
    count: 5,
    nested: { list: [1, "two", true, null] },
    when: new Date(1_000_000_000_000),
  },
  deliveryMode: 2,
  priority: 7,
  correlationId: "correlation",
  replyTo: "replies",
  messageId: "message",
  timestamp: 1_700_000_000,
  type: "order.created",
  userId: "guest",
  appId: "shop",
  clusterId: "cluster",
};

contract("All properties and the body are delivered as they were published", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "body", { ...allProperties, expiration: "60000" });
  const got = await channel.get(queue);
  assert.deepEqual(got?.properties, { ...allProperties, expiration: "60000" });
  assert.equal(got?.body, "body");
});

contract("A message without properties is delivered without properties", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "body");
  assert.deepEqual((await channel.get(queue))?.properties, {});
});

contract("A header value of every type keeps its type", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  const headers = {
    boolean: typed("t", true),
    int8: typed("b", -8),
    int16: typed("s", -16),
    uint16: typed("u", 65_535),
    int32: typed("I", -32),
    uint32: typed("i", 4_000_000_000),
    int64: typed("l", -(2 ** 40)),
    uint8: typed("B", 200),
    float: typed("f", 0.5),
    double: typed("d", 0.1),
    decimal: typed("D", [2, 314]),
    text: typed("S", "text"),
    bytes: typed("x", Uint8Array.of(0, 255)),
    time: typed("T", new Date(1_000_000_000_000)),
    nothing: typed("V", null),
    list: typed("A", [typed("I", 1), typed("S", "two")]),
    table: typed("F", { inner: typed("s", 1) }),
  };
  await channel.publish("", queue, "", { headers });
  const got = await channel.get(queue);
  assert.deepEqual(decodeHeader(got!.header, true).properties.headers, headers);
});

for (const size of [0, 1, 131_064, 131_065, 400_000]) {
  contract(`A body of ${size} bytes is delivered completely`, async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    const body = new Uint8Array(size).map((_, index) => index * 7 % 251);
    await channel.publish("", queue, body);
    assert.deepEqual((await channel.get(queue))?.bytes, body);
  });
}

contract("A body is split into frames of the size that the client negotiated", async (broker) => {
  const connection = await broker.connect({ frameMax: broker.expected.smallestFrame });
  const channel = await connection.channel();
  const queue = await broker.queue(channel);
  const body = new Uint8Array(20_000).fill(7);
  await channel.publish("", queue, body);
  assert.deepEqual((await channel.get(queue))?.bytes, body);
});

contract("Publishing to a missing exchange closes the channel", async (broker) => {
  const channel = await broker.channel();
  const missing = broker.unique("missing");
  await channel.publish(missing, "key", "lost");
  await refused(channel.refused(), 404, `NOT_FOUND - no exchange '${missing}' in vhost '/'`);
});

contract("An unroutable message is dropped silently", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("amq.direct", broker.unique("nobody"), "lost");
  assert.deepEqual(await counts(channel, queue), { messages: 0, consumers: 0 });
  assert.deepEqual(channel.inbox.items, []);
});

contract("An unroutable mandatory message is returned completely", async (broker) => {
  const channel = await broker.channel();
  const nobody = broker.unique("nobody");
  await channel.publish("amq.direct", nobody, "returned", { mandatory: true, ...allProperties });
  const { code, text, exchange, routingKey, properties, body } = await channel.returned();
  assert.deepEqual({ code, text, exchange, routingKey, properties, body }, {
    code: 312,
    text: "NO_ROUTE",
    exchange: "amq.direct",
    routingKey: nobody,
    properties: allProperties,
    body: "returned",
  });
});

contract("A mandatory message to a missing queue over the default exchange is returned", async (broker) => {
  const channel = await broker.channel();
  const nobody = broker.unique("nobody");
  await channel.publish("", nobody, "returned", { mandatory: true });
  const { code, text, exchange, routingKey } = await channel.returned();
  assert.deepEqual([code, text, exchange, routingKey], [312, "NO_ROUTE", "", nobody]);
});

contract("A mandatory message that is routed is not returned", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "kept", { mandatory: true });
  assert.deepEqual(await drain(channel, queue), ["kept"]);
  assert.deepEqual(channel.inbox.items, []);
});

contract("Publishing with immediate is not implemented and closes the connection", async (broker) => {
  const connection = await broker.connect();
  const channel = await connection.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "", { immediate: true });
  await refused(channel.refused(), 540, "NOT_IMPLEMENTED - immediate=true");
});

contract("Publishing to an internal exchange is refused", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "direct", { internal: true });
  await channel.publish(exchange, "key", "refused");
  await refused(
    channel.refused(),
    403,
    `ACCESS_REFUSED - cannot publish to internal exchange '${exchange}' in vhost '/'`,
  );
});

contract("The user id of a message must be the connection's user", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await channel.publish("", queue, "mine", { userId: "guest" });
  assert.equal((await channel.get(queue))?.properties.userId, "guest");
  await channel.publish("", queue, "not mine", { userId: "bob" });
  await refused(
    channel.refused(),
    406,
    "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'guest'",
  );
});

for (
  const [expiration, text] of [
    ["abc", "no_integer"],
    ["-1", "{value_negative,-1}"],
    ["1.5", '{leftover_string,".5"}'],
    ["10s", '{leftover_string,"s"}'],
    ["", "no_integer"],
    ["1099511627776", "{value_too_large,1099511627776}"],
  ] as const
) {
  contract(`The expiration '${expiration}' is refused`, async (broker) => {
    const channel = await broker.channel();
    const queue = await broker.queue(channel);
    await channel.publish("", queue, "", { expiration });
    await refused(
      channel.refused(),
      406,
      `PRECONDITION_FAILED - invalid expiration '${expiration}': ${text}`,
    );
  });
}

contract("A message is delivered with the exchange and key with which it was published", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "topic");
  const queue = await broker.queue(channel);
  await channel.call("queue.bind", { queue, exchange, routingKey: "orders.#" });
  await channel.publish(exchange, "orders.new.urgent", "");
  const got = await channel.get(queue);
  assert.deepEqual([got?.exchange, got?.routingKey], [exchange, "orders.new.urgent"]);
});
