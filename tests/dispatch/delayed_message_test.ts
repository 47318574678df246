/** A function gets a delayed message as it was sent, and can send and cancel some itself. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { hopperCommand } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "A function sees a delayed message as it was sent, in each attempt",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `const retry = { attempts: 3, delay: 5, jitter: 0 };
      export default topic("shop", "order.*", { queue: "orders", retry }, (input, { attempt, log, message }) => {
        const { body: _, ...rest } = message;
        log("seen", JSON.parse(JSON.stringify({ input, attempt, ...rest })));
        throw new Error("No");
      });`,
      },
      broker,
    });
    await using hopper = await connect(vhost.url);
    const options = {
      messageId: "m1",
      correlationId: "c1",
      replyTo: "r1",
      type: "order",
      priority: 7,
      persistent: false,
      expiration: 60_000,
      headers: { tenant: "a", "x-hopper-exchange": "mine", "x-death": [{ queue: "q", reason: "expired" }] },
      delay: 60,
    };
    await hopper.publish("shop", "order.new", { id: 7 }, options);
    await hopper.send("orders", { id: 8 }, { ...options, messageId: "m2" });
    const id = await hopper.send("orders", { id: 9 }, { ...options, messageId: "m3", cancel: true });
    await app.events("dead-lettered", 3);

    const seen = app.seen("log").map(({ data }) => data!);
    const sources = { m1: ["shop", "order.new", 7], m2: ["", "orders", 8], m3: ["", "orders", 9] };
    for (const [messageId, [exchange, routingKey, number]] of Object.entries(sources)) {
      const runs = seen.filter((run) => run.id === messageId);
      assert.deepEqual(runs.map(({ attempt }) => attempt), [1, 2, 3]);
      for (const { attempt: _, timestamp: __, ...run } of runs) {
        assert.deepEqual(run, {
          id: messageId,
          input: { id: number },
          exchange,
          routingKey,
          headers: options.headers,
          redelivered: false,
          correlationId: "c1",
          replyTo: "r1",
          contentType: "application/json",
          type: "order",
          priority: 7,
          expiration: 60_000,
          deliveryMode: 1,
        });
      }
    }
    assert.equal(await hopper.cancel(id), false);
  },
);

for (const isolate of ["inline", "process"] as const) {
  testOnBroker(`A handler sends, publishes and cancels delayed messages: ${isolate}`, async ({ broker }) => {
    await broker.channel.assertQueue("later");
    await using app = await runApp({
      functions: {
        f: `export default queue("q", async (_, { send, publish, cancel }) => {
          const id = await send("later", "cancelled", { delay: 400, cancel: true });
          await send("later", "sent", { at: new Date(Date.now() + 400) });
          const nothing = await publish("amq.direct", "key", "published", { delay: "400ms" });
          return [typeof id, typeof nothing, await cancel(id)];
        });`,
        g: `export default direct("amq.direct", "key", { exchange: { durable: true } }, (text, { log }) => log(text));`,
      },
      broker,
      isolate,
    });
    await broker.send("q", "go");
    await app.event("handled", { function: "f" });
    await app.event("log", { function: "g", message: "published" });
    assert.equal(`${(await broker.next("later")).content}`, "sent");
    assert.equal(await broker.waiting("later"), 0);
  });
}

testOnBroker("A delayed message that expires after it is due does not run", async ({ broker, vhost }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { concurrency: 1 }, async (text, { log }) => {
        log(text);
        if (text === "long") await released();
      });`,
    },
    broker,
  });
  await using hopper = await connect(vhost.url);
  await broker.send("q", "long");
  await app.event("log", { message: "long" });
  await hopper.send("q", "lasts", { delay: 100, expiration: "1m" });
  await hopper.send("q", "expires", { delay: 100, expiration: 1 });
  await hopper.send("q", "last", { delay: 200 });
  // What waits for the handler is in the runtime, where its time runs.
  while (app.app.operations.functions()[0]!.unacked < 4) await broker.waiting("q");
  await app.release();
  await app.event("handled", {});
  await app.event("log", { message: "last" });
  assert.deepEqual(app.said("f"), ["long", "lasts", "last"]);
});

testOnBroker(
  "What lost its queue while it was delayed is listed and replayed as a dead letter",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("gone");
    {
      await using hopper = await connect(vhost.url);
      await hopper.send("gone", { id: 1 }, { delay: 200, messageId: "m1", headers: { tenant: "a" } });
    }
    await broker.channel.deleteQueue("gone");
    while (await broker.waiting("hopper.delay.dead") === 0);
    const dead = async (...args: string[]) => {
      const { code, stdout, stderr } = await hopperCommand(["dead", ...args, "--json"], {
        broker: broker.url,
      });
      assert.equal(code, 0, stderr);
      return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    };
    const [letter] = await dead("list", "hopper.delay");
    assert.equal(letter.id, "m1");
    assert.match(letter.error, /queue 'gone' did not exist when the message was due/);

    await broker.channel.assertQueue("gone");
    assert.deepEqual(await dead("replay", "hopper.delay", "m1"), [{ replayed: 1, interrupted: false }]);
    const { content, fields, properties } = await broker.next("gone");
    assert.equal(`${content}`, '{"id":1}');
    assert.equal(fields.routingKey, "gone");
    assert.deepEqual(properties.headers, {
      tenant: "a",
      "x-hopper-exchange": "",
      "x-hopper-routing-key": "gone",
      "x-hopper-replays": 1,
    });
  },
);
