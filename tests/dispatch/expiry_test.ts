/** Messages with an `expiration`: the time that is left counts down wherever the message waits. */

import assert from "node:assert/strict";
import { expiryHeaders, expiryOf } from "../../runtime/dispatch/delivery/expiry.ts";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { delivery } from "../support/delivery.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** Options of a queue whose expired messages go to `late`. */
const toLate = `arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "late" }`;

/** Waits for this time by the broker's clock. */
async function clock(broker: Broker, ms: number): Promise<void> {
  const { queue: rang } = await broker.channel.assertQueue("", { exclusive: true });
  const { queue } = await broker.channel.assertQueue("", {
    exclusive: true,
    arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": rang },
  });
  await broker.send(queue, "", { expiration: ms });
  await broker.next(rang);
}

for (const queueType of ["classic", "quorum"]) {
  testOnBroker(
    `The expiration of a message in a ${queueType} queue covers all its retries; then its queue dead-letters it`,
    async ({ broker }) => {
      await broker.channel.assertQueue("late");
      await using app = await runApp({
        functions: {
          f: `const retry = { attempts: 20, delay: 300, factor: 1, jitter: 0 };
        export default queue("q", { queueType: "${queueType}", retry, pause: false, ${toLate} }, (_, { log }) => {
          log("run");
          throw new Error("No");
        });`,
        },
        broker,
      });

      const sentAt = performance.now();
      await broker.send("q", "a", { expiration: 1000, messageId: "m1", headers: { tenant: "a" } });
      const { content, properties: { messageId, expiration, headers } } = await broker.next("late");
      const tookMs = performance.now() - sentAt;

      assert.ok(tookMs >= 1000 && tookMs < 1900, `${tookMs}`);
      assert.ok(app.said("f").length <= 4, `${app.said("f").length} runs`);
      assert.equal((await app.event("expired")).messageId, "m1");
      assert.deepEqual(app.seen("dead-lettered"), []);
      assert.deepEqual([`${content}`, messageId, expiration, headers!.tenant], ["a", "m1", undefined, "a"]);
      assert.equal(headers!["x-death"]![0]!.queue, "q");
    },
  );
}

testOnBroker(
  "A message that expires before its retry is due waits until it expires, and is not run again",
  async ({ broker }) => {
    await broker.channel.assertQueue("late");
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { retry: {}, ${toLate} }, (_, { log }) => {
        log("run");
        throw new Retry({ after: "1h" });
      });`,
      },
      broker,
    });

    const sentAt = performance.now();
    await broker.send("q", "a", { expiration: 500 });
    await broker.next("late");
    const tookMs = performance.now() - sentAt;

    assert.ok(tookMs >= 500 && tookMs < 1400, `${tookMs}`);
    assert.deepEqual(app.said("f"), ["run"]);
    assert.deepEqual(app.seen("retrying"), []);
  },
);

testOnBroker(
  "The time that a retried message waits in its queue counts towards its expiration",
  async ({ broker }) => {
    await broker.channel.assertQueue("late");
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { prefetch: 1, retry: { delay: 50 }, ${toLate} }, async (body, { log }) => {
        log(String(body));
        if (body === "busy") await released();
        if (body === "a") throw new Error("No");
      });`,
      },
      broker,
    });

    // Its process has started.
    await broker.send("q", "first");
    await app.event("handled");
    await broker.send("q", "a", { expiration: 1500 });
    await broker.send("q", "busy");
    await app.event("log", { message: "busy" });
    await clock(broker, 1600);
    await app.release();

    assert.equal(`${(await broker.next("late")).content}`, "a");
    assert.deepEqual(app.said("f"), ["first", "a", "busy"]);
  },
);

testOnBroker("A message that expires while it waits for a slot is not run", async ({ broker }) => {
  await broker.channel.assertQueue("late");
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { concurrency: 1, ${toLate} }, async (body, { log }) => {
        log(String(body));
        if (body === "busy") await released();
      });`,
    },
    broker,
  });

  await broker.send("q", "busy");
  await app.event("log", { message: "busy" });
  await broker.send("q", "a", { expiration: 100 });
  await clock(broker, 200);
  await app.release();

  assert.equal(`${(await broker.next("late")).content}`, "a");
  assert.deepEqual(app.said("f"), ["busy"]);
});

testOnBroker(
  "A message that expires in a queue without a dead-letter exchange is dropped, and the log says so",
  async ({ broker }) => {
    const app = await runApp({
      functions: {
        f: `export default queue("q", { retry: {} }, () => { throw new Retry({ after: "1m" }); });`,
      },
      broker,
    });

    await broker.send("q", "a", { expiration: 200, messageId: "m1" });
    await app.event("expired", { messageId: "m1", attempt: 2 });
    await app[Symbol.asyncDispose]();

    assert.equal(await broker.waiting("q"), 0);
  },
);

Deno.test("The expiration of a message that another runtime moved is taken from its headers", () => {
  const arrivedAt = performance.now();
  const headers = {
    "x-hopper-expiration": 10_000,
    "x-hopper-expires-in": 6000,
    "x-hopper-expires-by": `${crypto.randomUUID()} 5`,
  };
  assert.deepEqual(expiryOf(delivery({ headers }), true, arrivedAt), {
    expiration: 10_000,
    at: arrivedAt + 6000,
  });
});

Deno.test("The expiration of a message that this runtime moved uses its own clock, but ends no later than its headers say", () => {
  const at = performance.now() + 5000;
  const headers = expiryHeaders({ expiration: 10_000, at }, 2000);
  assert.equal(headers["x-hopper-expiration"], 10_000);
  const left = headers["x-hopper-expires-in"] as number;
  assert.ok(left <= 3000 && left > 2000, `${left}`);

  const back = delivery({ headers });
  assert.equal(expiryOf(back, true, at + 1)!.at, Math.ceil(at), "it waited long in its queue");
  assert.equal(expiryOf(back, true, at - 4000)!.at, at - 4000 + left);
});

Deno.test("A sender cannot make a message expire with Hopper's headers", () => {
  const headers = { "x-hopper-expiration": 1, "x-hopper-expires-in": 1 };
  assert.equal(expiryOf(delivery({ headers }), false, 0), undefined);
  assert.deepEqual(expiryOf(delivery({ headers, properties: { expiration: 100 } }), false, 5), {
    expiration: 100,
    at: 105,
  });
  assert.deepEqual(expiryHeaders(undefined, 10), {});
  for (const odd of ["1", null, {}, [], true]) {
    const forged = { "x-hopper-expiration": odd, "x-hopper-expires-in": odd, "x-hopper-expires-by": odd };
    assert.equal(expiryOf(delivery({ headers: forged }), true, 0), undefined);
  }
});
