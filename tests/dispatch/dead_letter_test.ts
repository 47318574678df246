import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "When a handler throws, its message moves to the dead letters with the reason",
  async ({ broker, vhost }) => {
    const before = Date.now();
    const app = await runApp({
      functions: {
        "orders/bill": `export default topic("orders", "order.*", { queue: "bills", retry: false }, (how) => {
        if (how === "sync") throw new TypeError("Thrown at once");
        if (how === "async") return Promise.reject(new Error("Thrown later"));
        if (how === "reject") throw new Reject("Can never work");
        if (how === "retry") throw new Retry({ after: "1s" });
        if (how === "text") throw "Just text";
        if (how === "nothing") throw undefined;
        if (how === "number") throw 1n;
        if (how === "circle") { const circle: Record<string, unknown> = {}; throw circle.self = circle; }
        if (how === "trap") throw Object.defineProperty(new Error(), "message", { get() { throw "again"; } });
      });`,
      },
      broker,
    });
    const errors: Record<string, string> = {
      sync: "TypeError: Thrown at once",
      async: "Error: Thrown later",
      reject: "Reject: Can never work",
      retry: "Retry: The handler asked for a retry",
      text: "Just text",
      nothing: "undefined",
      number: "1n",
      circle: "an object",
      trap: "An error that cannot be read",
    };

    for (const how of Object.keys(errors)) await broker.publish("orders", "order.new", how);
    await broker.publish("orders", "order.new", "good");
    await app.events("dead-lettered", Object.keys(errors).length);
    await app.event("handled");
    await app[Symbol.asyncDispose]();

    const dead = await broker.take("bills.dead", Object.keys(errors).length);
    const found = dead.map((
      { content, properties },
    ) => [`${content}`, properties.headers!["x-hopper-error"]]);
    assert.deepEqual(Object.fromEntries(found), errors);
    const thrownAtOnce = dead.find(({ content }) => `${content}` === "sync")!;
    const { "x-hopper-failed-at": failedAt, "x-hopper-error": _, "x-hopper-error-at": at, ...headers } =
      thrownAtOnce.properties.headers!;
    assert.match(at, /orders\/bill\.ts:\d+:\d+$/);
    assert.deepEqual(headers, {
      "x-hopper-attempts": 1,
      "x-hopper-exchange": "orders",
      "x-hopper-routing-key": "order.new",
      "x-hopper-function": "orders.bill",
      "x-hopper-source": "orders:order.new",
    });
    assert.ok(Date.parse(failedAt) >= before && Date.parse(failedAt) <= Date.now());
    assert.equal(await broker.waiting("bills"), 0);
    assert.deepEqual((await vhost.inspect("queues", "bills.dead")).durable, true);
  },
);

testOnBroker(
  "A dead letter keeps its body and properties, but not its expiration",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: `export default queue("q", { codec: "bytes" }, () => { throw new Reject("No"); });` },
      broker,
    });
    const properties = {
      messageId: "m1",
      correlationId: "c1",
      replyTo: "r1",
      type: "order",
      appId: "shop",
      contentType: "application/x-order",
      contentEncoding: "gzip",
      priority: 3,
      timestamp: 1_700_000_000,
      userId: "guest",
    };
    const headers = {
      text: "ä€😀",
      number: 7,
      big: Number.MAX_SAFE_INTEGER,
      fraction: 0.5,
      yes: true,
      nothing: null,
      list: [1, ["two"]],
      table: { deep: { deeper: 1 } },
      bytes: new Uint8Array([0, 255]),
      when: { "!": "timestamp", value: 1_700_000_000 },
      price: { "!": "decimal", value: { places: 2, digits: 1999 } },
    };
    const body = crypto.getRandomValues(new Uint8Array(1000));

    await broker.send("q", body, {
      ...properties,
      expiration: "60000",
      persistent: false,
      headers: { ...headers, bytes: Buffer.from(headers.bytes) },
    });
    await app.event("dead-lettered", { messageId: "m1", queue: "q.dead" });

    const { content, properties: kept } = await broker.next("q.dead");
    assert.deepEqual(new Uint8Array(content), body);
    const { userId: _, ...expected } = properties;
    for (const [name, value] of Object.entries(expected)) {
      assert.equal((kept as unknown as Record<string, unknown>)[name], value, name);
    }
    assert.equal(kept.expiration, undefined);
    assert.equal(kept.headers!["x-hopper-expiration"], 60_000);
    assert.equal(kept.deliveryMode, 2, "dead letters survive the broker");
    for (const [name, value] of Object.entries(headers)) {
      const found = kept.headers![name];
      assert.deepEqual(found instanceof Buffer ? new Uint8Array(found) : found, value, name);
    }
  },
);

testOnBroker(
  "With 'deadLetter: false' a queue without a dead-letter exchange drops the message, and the log says so",
  async ({ broker, vhost }) => {
    const app = await runApp({
      functions: {
        f: `export default queue("q", { deadLetter: false, retry: false }, () => { throw new Error("No"); });`,
      },
      broker,
    });

    await broker.send("q", "a", { messageId: "m1" });
    const { run: _, ...dropped } = await app.event("dropped");
    await app[Symbol.asyncDispose]();

    assert.deepEqual(dropped, { event: "dropped", function: "f", messageId: "m1", error: "Error: No" });
    assert.equal(await broker.waiting("q"), 0);
    assert.equal(await vhost.inspect("queues", "q.dead"), undefined);
  },
);

for (const queueType of ["classic", "quorum"]) {
  testOnBroker(
    `With 'deadLetter: false' a failed message goes to the dead-letter exchange of its ${queueType} queue`,
    async ({ broker }) => {
      await broker.channel.assertQueue("grave");
      const options = (more: string) =>
        `{ deadLetter: false, queueType: "${queueType}", ${more}, pause: false,
        arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "grave" } }`;
      await using app = await runApp({
        functions: {
          rejects: `export default queue("a", ${options("retry: {}")}, () => { throw new Reject("No"); });`,
          fails: `export default topic("shop", "order.*", ${
            options('queue: "b", retry: { attempts: 2, delay: 5 }')
          }, () => {
          throw new Error("No");
        });`,
          byHand: `export default queue("c", ${
            options('ack: "manual"')
          }, (_, { nack }) => nack({ requeue: false }));`,
          once: `export default queue("d", ${options("retry: false")}, () => { throw new Error("No"); });`,
        },
        broker,
      });

      for (const queue of ["a", "c", "d"]) {
        await broker.send(queue, queue, { headers: { tenant: queue } });
      }
      await broker.publish("shop", "order.new", "b", { headers: { tenant: "b" } });
      const dead = await broker.take("grave", 4);

      assert.deepEqual(dead.map(({ content }) => `${content}`).toSorted(), ["a", "b", "c", "d"]);
      for (const { content, properties: { headers } } of dead) {
        const { queue, reason } = headers!["x-death"]![0]!;
        assert.deepEqual([queue, reason, headers!.tenant], [`${content}`, "rejected", `${content}`]);
        if (queue !== "b") continue;
        const { "x-hopper-exchange": exchange, "x-hopper-routing-key": key } = headers!;
        assert.deepEqual([exchange, key], ["shop", "order.new"], "what was retried says where it came from");
      }
      await app.events("dropped", 4);
      for (const queue of ["a", "b", "c", "d"]) assert.equal(await broker.waiting(queue), 0);
    },
  );
}

testOnBroker(
  "The dead letters of an exclusive function are named after it, and stay when it is gone",
  async ({ broker }) => {
    const app = await runApp({
      functions: {
        "log/watch":
          `export default fanout("logs", { exclusive: true, retry: false }, () => { throw new Error("No"); });`,
      },
      broker,
    });

    await broker.publish("logs", "", "a");
    await app.event("dead-lettered", { queue: "log.watch.dead" });
    await app[Symbol.asyncDispose]();

    assert.equal(await broker.waiting("log.watch.dead"), 1);
  },
);

testOnBroker(
  "A deleted queue of dead letters is declared again for the next dead letter",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: `export default queue("q", { retry: false }, () => { throw new Error("No"); });` },
      broker,
    });

    await broker.send("q", "first");
    await app.event("dead-lettered");
    await broker.channel.deleteQueue("q.dead");
    await broker.send("q", "second");
    await app.events("dead-lettered", 2);

    assert.equal(`${(await broker.next("q.dead")).content}`, "second");
  },
);

testOnBroker(
  "A queue of dead letters that was declared with other arguments is used as it is",
  async ({ broker }) => {
    await broker.channel.assertQueue("q.dead", { durable: false, arguments: { "x-max-length": 100 } });
    await using app = await runApp({
      functions: { f: `export default queue("q", { retry: false }, () => { throw new Error("No"); });` },
      broker,
    });

    await broker.send("q", "a");
    await app.event("dead-lettered");

    assert.equal(await broker.waiting("q.dead"), 1);
  },
);

testOnBroker(
  "A failed message stays in its queue while the queue of dead letters is full, and moves when there is room",
  async ({ broker }) => {
    const full = { "x-max-length": 1, "x-overflow": "reject-publish" };
    await broker.channel.assertQueue("q.dead", { arguments: full });
    await broker.send("q.dead", "full");
    const app = await runApp({
      functions: { f: `export default queue("q", { retry: false }, () => { throw new Error("No"); });` },
      broker,
    });

    await broker.send("q", "a");
    const { message } = await app.event("notice");
    await broker.channel.purgeQueue("q.dead");
    await app.event("dead-lettered");
    await app[Symbol.asyncDispose]();

    assert.match(message, /^f: a message waits to be moved to q\.dead: PublishFailed: .*nack/);
    assert.equal(`${(await broker.next("q.dead")).content}`, "a");
    assert.equal(await broker.waiting("q"), 0);
  },
);
