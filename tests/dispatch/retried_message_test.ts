/** A retried message is as it was published, whatever its headers contain. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker("Every attempt sees the message as it was published", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `const retry = { attempts: 3, delay: 5, jitter: 0 };
      export default topic("shop", "order.*", { queue: "orders", retry }, (input, { log, message }) => {
        const { body: _, ...rest } = message;
        log("seen", JSON.parse(JSON.stringify({ input, ...rest })));
        throw new Error("No");
      });`,
    },
    broker,
  });

  await broker.publish("shop", "order.new", '{"id":7}', {
    messageId: "m1",
    correlationId: "c1",
    replyTo: "r1",
    contentType: "application/json",
    timestamp: 1_700_000_000,
    headers: { tenant: "a", list: [1, { deep: true }] },
    // Much longer than it will wait.
    expiration: "60000",
    CC: ["order.copied"],
  });
  await app.event("dead-lettered", { messageId: "m1" });

  const seen = app.seen("log").map(({ data }) => data!);
  assert.deepEqual(seen[0], {
    input: { id: 7 },
    id: "m1",
    headers: { tenant: "a", list: [1, { deep: true }], CC: ["order.copied"] },
    exchange: "shop",
    routingKey: "order.new",
    redelivered: false,
    correlationId: "c1",
    replyTo: "r1",
    timestamp: "2023-11-14T22:13:20.000Z",
    contentType: "application/json",
    expiration: 60_000,
  });
  const { CC: _, ...headers } = seen[0].headers as Record<string, unknown>;
  // The copies for CC and BCC were sent when it was published, and are not sent again.
  for (const later of seen.slice(1)) assert.deepEqual(later, { ...seen[0], headers });
  assert.equal(seen.length, 3);
  assert.equal(await broker.waiting("orders"), 0);
});

testOnBroker(
  "The broker's headers about earlier dead-lettering are kept in retries and in the dead letter",
  async ({ broker }) => {
    await broker.channel.assertQueue("before", {
      arguments: { "x-message-ttl": 1, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "q" },
    });
    await using app = await runApp({
      functions: {
        f: `const retry = { attempts: 3, delay: 5, jitter: 0 };
      export default queue("q", { retry }, (_, { log, message }) => {
        log("seen", JSON.parse(JSON.stringify(message.headers)));
        throw new Error("No");
      });`,
      },
      broker,
    });

    await broker.send("before", "a", { headers: { mine: 1 } });
    await app.event("dead-lettered");

    const [first, ...later] = app.seen("log").map(({ data }) => data!);
    const [death] = first!["x-death"] as Record<string, unknown>[];
    assert.deepEqual([death!.queue, death!.reason, first!["x-first-death-queue"]], [
      "before",
      "expired",
      "before",
    ]);
    assert.deepEqual(later, [first, first]);
    // The client library wraps a timestamp in an object.
    const asHandlersSee = (_: string, value: { "!"?: string; value?: number } | null) =>
      value?.["!"] === "timestamp" ? new Date(value.value! * 1000).toISOString() : value;
    const headers = JSON.parse(
      JSON.stringify((await broker.next("q.dead")).properties.headers, asHandlersSee),
    );
    for (const [name, value] of Object.entries(first!)) assert.deepEqual(headers[name], value, name);
    assert.equal(headers["x-hopper-deaths"], undefined);
  },
);

testOnBroker("Hopper's headers are not trusted in a message from a publisher", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `const retry = { attempts: 2, delay: 5, jitter: 0 };
      export default topic("shop", "#", { queue: "orders", retry }, (_, { log, message, attempt }) => {
        log(message.id, { attempt, exchange: message.exchange, key: message.routingKey });
        throw new Error("No");
      });`,
    },
    broker,
  });
  const forged = {
    "x-hopper-attempts": 99,
    "x-hopper-exchange": "bank",
    "x-hopper-routing-key": "transfer",
    "x-hopper-crashes": 99,
    "x-hopper-replays": 1,
  };
  const death = [{
    queue: "orders.retry.5",
    reason: "expired",
    count: 1,
    exchange: "",
    "routing-keys": ["orders"],
  }];

  await broker.publish("shop", "order.new", "a", { messageId: "m1", headers: forged });
  await broker.publish("shop", "order.new", "b", {
    messageId: "m2",
    headers: { ...forged, "x-death": death },
  });
  await app.events("dead-lettered", 2);

  for (const id of ["m1", "m2"]) {
    assert.deepEqual(
      app.seen("log", { message: id }).map(({ data }) => data),
      [1, 2].map((attempt) => ({ attempt, exchange: "shop", key: "order.new" })),
    );
  }
});

testOnBroker("Headers that cannot be converted to a string do not stop a message", async ({ broker }) => {
  await using app = await runApp({
    functions: { f: `export default queue("q", { prefetch: 1 }, () => {});` },
    broker,
  });
  const odd = { toString: "no", valueOf: "no" };

  await broker.send("q", "a", {
    headers: {
      "x-hopper-replays": odd,
      "x-hopper-exchange": odd,
      "x-hopper-routing-key": odd,
      "x-hopper-attempts": odd,
      "x-death": [{ queue: odd, reason: odd }],
    },
  });
  await broker.send("q", "b");

  await app.events("handled", 2);
});
