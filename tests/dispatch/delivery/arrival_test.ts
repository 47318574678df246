import assert from "node:assert/strict";
import type { Delivery } from "../../../runtime/core/ports/amqp.ts";
import { idSource, type Origin, readDelivery } from "../../../runtime/dispatch/delivery/arrival.ts";
import { delivery } from "../../support/delivery.ts";

const here: Origin = { queue: "orders", suspect: false, countsDeliveries: false };
const read = (from: Delivery, origin: Partial<Origin> = {}) => {
  const { message, headers, ...rest } = readDelivery(from, { ...here, ...origin }, () => "made-here");
  return { message: { ...message, headers: headers.values }, ...rest };
};

/** The entry in `x-death` that RabbitMQ adds to a message that expired in a queue. */
const expiredIn = (queue: string) => ({
  queue,
  reason: "expired",
  count: 1,
  exchange: "",
  "routing-keys": [queue],
});

/** A delivery as it comes back from a retry queue of `orders`. */
const cameBack = (headers: Record<string, unknown> = {}) =>
  delivery({
    exchange: "",
    routingKey: "orders",
    headers: {
      "x-death": [expiredIn("orders.retry.1000")],
      "x-first-death-queue": "orders.retry.1000",
      "x-first-death-reason": "expired",
      "x-first-death-exchange": "",
      "x-hopper-attempts": 2,
      "x-hopper-exchange": "shop",
      "x-hopper-routing-key": "order.new",
      ...headers,
    },
  });

Deno.test("A handler sees a message's properties and headers as they were sent", () => {
  const { message, attempt } = read(
    delivery({
      exchange: "shop",
      routingKey: "order.new",
      headers: { tenant: "a" },
      properties: {
        messageId: "m1",
        correlationId: "c1",
        timestamp: 1_700_000_000,
        contentType: "text/plain",
        contentEncoding: "utf-8",
        type: "greeting",
        appId: "shop",
        userId: "alice",
        priority: 3,
        expiration: 60_000,
        persistent: true,
      },
      body: "hello",
    }),
  );

  assert.equal(attempt, 1);
  assert.deepEqual({
    ...message,
    body: new TextDecoder().decode(message.body),
    headers: { ...message.headers },
  }, {
    id: "m1",
    body: "hello",
    headers: { tenant: "a" },
    exchange: "shop",
    routingKey: "order.new",
    redelivered: false,
    correlationId: "c1",
    replyTo: undefined,
    timestamp: new Date("2023-11-14T22:13:20Z"),
    contentType: "text/plain",
    contentEncoding: "utf-8",
    type: "greeting",
    appId: "shop",
    userId: "alice",
    priority: 3,
    expiration: 60_000,
    deliveryMode: 2,
  });
});

Deno.test("A property that the sender did not set is undefined", () => {
  const { contentEncoding, type, appId, userId, priority, expiration, deliveryMode } =
    read(delivery({})).message;
  for (const value of [contentEncoding, type, appId, userId, priority, expiration, deliveryMode]) {
    assert.equal(value, undefined);
  }
  assert.equal(read(delivery({ properties: { persistent: false } })).message.deliveryMode, 1);
});

Deno.test("A message without an id is given one", () => {
  assert.equal(read(delivery({})).message.id, "made-here");
  assert.equal(read(delivery({ properties: { messageId: "" } })).message.id, "made-here");

  const [next, other] = [idSource(), idSource()];
  assert.equal(new Set([next(), next(), other(), other()]).size, 4);
});

Deno.test("A message from a retry queue has its number of runs, and its original exchange and routing key", () => {
  const { message, attempt } = read(cameBack({ tenant: "a" }));

  assert.equal(attempt, 3);
  assert.equal(message.exchange, "shop");
  assert.equal(message.routingKey, "order.new");
  assert.deepEqual(
    { ...message.headers },
    { tenant: "a" },
    "without what Hopper and the broker wrote on the way",
  );
});

Deno.test("Entries in x-death about queues other than Hopper's retry queues are kept", () => {
  const elsewhere = {
    queue: "inbox",
    reason: "rejected",
    count: 1,
    exchange: "shop",
    "routing-keys": ["order.new"],
  };
  const { message } = read(cameBack({
    "x-death": [expiredIn("orders.retry.4000"), expiredIn("orders.retry.1000"), elsewhere],
    "x-first-death-queue": "inbox",
    "x-first-death-reason": "rejected",
    "x-first-death-exchange": "shop",
  }));

  assert.deepEqual({ ...message.headers }, {
    "x-death": [elsewhere],
    "x-first-death-queue": "inbox",
    "x-first-death-reason": "rejected",
    "x-first-death-exchange": "shop",
  });
});

Deno.test("A message from the retry queue of an exclusive function counts its runs", () => {
  const from = delivery({
    exchange: "",
    routingKey: "amq.gen-1",
    headers: { "x-death": [expiredIn("log.watch.retry.1000.amq.gen-1")], "x-hopper-attempts": 1 },
  });
  assert.equal(read(from, { queue: "amq.gen-1" }).attempt, 2);
});

Deno.test("A replayed dead letter begins at attempt 1, and has its original exchange and routing key", () => {
  const { message, attempt } = read(delivery({
    exchange: "",
    routingKey: "orders",
    headers: { "x-hopper-replays": 2, "x-hopper-exchange": "shop", "x-hopper-routing-key": "order.new" },
  }));

  assert.equal(attempt, 1);
  assert.equal(message.exchange, "shop");
  assert.equal(message.routingKey, "order.new");
  assert.deepEqual({ ...message.headers }, { "x-hopper-replays": 2 });
});

Deno.test("A message from the queue of suspects has its number of runs, and its original exchange and routing key", () => {
  const { message, attempt } = read(
    delivery({
      exchange: "",
      routingKey: "orders.suspects",
      headers: {
        "x-hopper-crashes": 1,
        "x-hopper-attempts": 2,
        "x-hopper-exchange": "shop",
        "x-hopper-routing-key": "order.new",
      },
    }),
    { suspect: true },
  );

  assert.equal(attempt, 3);
  assert.equal(message.exchange, "shop");
  assert.equal(message.routingKey, "order.new");
  assert.equal(message.redelivered, true);
  assert.deepEqual({ ...message.headers }, {});
});

Deno.test("Hopper's headers are not trusted in a message from a sender, and the handler sees them", () => {
  const forged = {
    "x-hopper-attempts": 4,
    "x-hopper-exchange": "bank",
    "x-hopper-routing-key": "transfer",
    "x-hopper-crashes": 9,
  };
  for (
    const from of [
      delivery({ exchange: "shop", routingKey: "order.new", headers: forged }),
      delivery({ exchange: "", routingKey: "orders", headers: forged }),
      delivery({ exchange: "shop", routingKey: "order.new", headers: { ...forged, "x-hopper-replays": 1 } }),
      delivery({
        exchange: "shop",
        routingKey: "order.new",
        headers: { ...forged, "x-death": [expiredIn("orders.retry.1000")] },
      }),
      delivery({
        exchange: "",
        routingKey: "orders",
        headers: { ...forged, "x-death": [expiredIn("inbox")] },
      }),
      delivery({
        exchange: "",
        routingKey: "orders",
        headers: { ...forged, "x-death": [{ ...expiredIn("orders.retry.1000"), reason: "rejected" }] },
      }),
    ]
  ) {
    const { message, attempt } = read(from);
    assert.equal(attempt, 1);
    assert.equal(message.exchange, from.exchange);
    assert.equal(message.routingKey, from.routingKey);
    assert.deepEqual({ ...message.headers }, { ...from.headers.values });
  }
});

Deno.test("Values of any type in Hopper's headers and x-death are read without an error", () => {
  // String() throws for such a table.
  const table = { toString: "no", valueOf: "no" };
  for (
    const odd of [table, [], null, undefined, true, -1, 1.5, NaN, Infinity, 2 ** 60, "3", new Uint8Array(2)]
  ) {
    for (const death of [odd, [odd], [{ queue: odd, reason: odd }], [expiredIn("orders.retry.1000")]]) {
      const { message, attempt } = read(cameBack({
        "x-death": death,
        "x-first-death-queue": odd,
        "x-hopper-replays": 1,
        "x-hopper-attempts": odd,
        "x-hopper-exchange": odd,
        "x-hopper-routing-key": odd,
      }));
      assert.equal(attempt, 1);
      assert.equal(message.routingKey, typeof odd === "string" ? odd : "");
    }
  }
});

Deno.test("The broker's count of deliveries adds to the attempts only where each delivery was a run", () => {
  const again = delivery({ redelivered: true, deliveredBefore: 2 });

  assert.equal(read(again, { countsDeliveries: true }).attempt, 3);
  assert.equal(read(again).attempt, 1, "of a classic queue its sender says so");
});

Deno.test("The headers of a message from a retry queue have no prototype", () => {
  assert.equal(read(cameBack()).message.headers.constructor, undefined);
});

/** A delivery of a message that was delayed by 60 ms. */
const delayed = (headers: Record<string, unknown> = {}) =>
  delivery({
    exchange: "hopper.delay.gate",
    routingKey: "order.new",
    headers: {
      tenant: "a",
      "x-hopper-delay": "40ms",
      "x-hopper-after-40ms": "20ms",
      "x-hopper-after-20ms": "out-1",
      "x-hopper-exchange": "shop",
      "x-hopper-routing-key": "order.new",
      "x-death": [expiredIn("hopper.delay.out-1")],
      "x-first-death-queue": "hopper.delay.40ms",
      "x-last-death-queue": "hopper.delay.out-1",
      ...headers,
    },
    properties: { persistent: false },
  });

Deno.test("A delayed message is as it was sent, and none of its waits counts as a run", () => {
  const { message, attempt, moved } = read(delayed({ "x-hopper-attempts": 7 }));
  assert.deepEqual({ ...message.headers }, { tenant: "a" });
  assert.deepEqual([message.exchange, message.routingKey, message.deliveryMode], ["shop", "order.new", 1]);
  assert.equal(attempt, 1);
  assert.equal(moved, true, "its time to live begins now");
});

Deno.test("What a sender wrote into headers with names of Hopper's or the broker's comes out of a delay again", () => {
  const own = { "x-hopper-exchange": "mine", "x-death": [expiredIn("elsewhere")] };
  const { message } = read(delayed({
    "x-hopper-earlier": { "x-hopper-exchange": "mine" },
    "x-hopper-deaths": { "x-death": [expiredIn("elsewhere")] },
  }));
  assert.deepEqual({ ...message.headers }, { tenant: "a", ...own });
});

Deno.test("A message that only claims to come from a delay is taken as it is", () => {
  const headers = { "x-hopper-delay": "40ms", "x-hopper-exchange": "shop" };
  const { message } = read(delivery({ exchange: "hopper.delay", routingKey: "q", headers }));
  assert.deepEqual({ ...message.headers }, headers);
  assert.equal(message.exchange, "hopper.delay");
});
