/** Handled ids in a Redis or PostgreSQL that the replicas of a function share. */

import assert from "node:assert/strict";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { withVhost } from "../support/rabbitmq.ts";
import { startStore, type StoreNode } from "../support/store_node.ts";
import { ownName, testOnStores, variableWith } from "../support/stores.ts";
import { rabbitmq } from "../support/test_on_broker.ts";
import { untilWaiting } from "../support/until_waiting.ts";

/** A test on the broker that the tests run on, and on each store. */
function testOnBoth(name: string, run: (on: { broker: Broker; store: StoreNode }) => Promise<void>): void {
  testOnStores(name, async (store) => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    await run({ broker, store });
  }, rabbitmq === undefined);
}

const remembers = (store: StoreNode, env: string, { onStoreDown = "wait", waits = "" } = {}) =>
  `export default queue("q", {
    dedupe: { for: "1h", store: "${store.kind}", env: "${env}", onStoreDown: "${onStoreDown}" },
  }, async (body, { log }) => { log(String(body)); ${waits} });`;

testOnBoth("What one replica has handled, another does not run", async ({ broker, store }) => {
  using variable = variableWith(store.url);
  const options = { functions: { f: remembers(store, variable.name) }, broker };
  const [first, second] = [ownName(), ownName()];
  {
    await using one = await runApp(options);
    await broker.send("q", "first", { messageId: first });
    await one.event("handled", { messageId: first });
  }
  await using other = await runApp(options);
  await broker.send("q", "again", { messageId: first });
  await broker.send("q", "other", { messageId: second });
  await other.event("handled", { messageId: second });
  await other.event("duplicate", { messageId: first });

  assert.deepEqual(other.said("f"), ["other"]);
});

testOnBoth(
  "A failed message is run again, and its id is remembered once it is handled",
  async ({ broker, store }) => {
    using variable = variableWith(store.url);
    await using app = await runApp({
      functions: {
        f: `export default queue("q", {
        dedupe: { for: "1h", store: "${store.kind}", env: "${variable.name}" }, retry: { delay: 5 },
      }, (_, { attempt }) => { if (attempt === 1) throw new Error("No"); });`,
      },
      broker,
    });
    const id = ownName();

    await broker.send("q", "first", { messageId: id });
    assert.equal((await app.event("handled", { messageId: id })).attempt, 2);
    await broker.send("q", "again", { messageId: id });
    await app.event("duplicate", { messageId: id });
  },
);

for (const fault of ["killed", "frozen"] as const) {
  testOnBoth(
    `While the store is ${fault}, messages wait in their queue and other functions run; then they are handled once`,
    async ({ broker, store: { kind } }) => {
      await using store = await startStore(kind);
      using variable = variableWith(store.url);
      await using app = await runApp({
        functions: {
          f: remembers(store, variable.name),
          other: `export default queue("other", (body, { log }) => log(String(body)));`,
        },
        broker,
      });
      await broker.send("q", "before", { messageId: "m0" });
      await app.event("handled", { messageId: "m0" });

      if (fault === "killed") await store.kill();
      else store.pause();
      for (let i = 1; i <= 5; i++) await broker.send("q", `${i}`, { messageId: `m${i}` });
      await broker.send("q", "before", { messageId: "m0" });
      const { error } = await app.event("unavailable", { function: "f" });
      assert.match(
        error,
        new RegExp(`^(Redis|PostgreSQL) at 127.0.0.1:${store.port} \\(${variable.name}\\): `),
      );
      await broker.send("other", "meanwhile");
      await app.event("log", { function: "other", message: "meanwhile" });
      await untilWaiting(broker, "q", (count) => count === 6);
      assert.deepEqual(app.said("f"), ["before"]);

      if (fault === "killed") await store.start();
      else store.resume();
      const began = performance.now();
      await app.events("handled", 7);
      await app.event("duplicate", { messageId: "m0" });
      assert.ok(performance.now() - began < 8_000, "takes too long to come back");
      assert.deepEqual(app.said("f").toSorted(), ["1", "2", "3", "4", "5", "before"]);
      assert.equal(app.seen("unavailable").length, 1, "says so once");
    },
  );
}

testOnBoth(
  "A message that was handled while the store went away is acknowledged once its id is remembered",
  async ({ broker, store: { kind } }) => {
    await using store = await startStore(kind);
    using variable = variableWith(store.url);
    const app = await runApp({
      functions: { f: remembers(store, variable.name, { waits: "await released();" }) },
      broker,
    });
    await broker.send("q", "a", { messageId: "m1" });
    await app.event("log", { message: "a" });
    await store.kill();
    await app.release();
    await app.event("unavailable", { function: "f" });
    assert.deepEqual(app.seen("handled"), []);

    await store.start();
    await app.event("handled", { messageId: "m1" });
    assert.equal(await store.kept(), 1);
    await app[Symbol.asyncDispose]();
    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBoth(
  'With onStoreDown: "run" messages are handled without the store, which is said once, and remembered when it is back',
  async ({ broker, store: { kind } }) => {
    await using store = await startStore(kind);
    using variable = variableWith(store.url);
    await using app = await runApp({
      functions: { f: remembers(store, variable.name, { onStoreDown: "run" }) },
      broker,
    });
    await broker.send("q", "a", { messageId: "m1" });
    await app.event("handled", { messageId: "m1" });

    await store.kill();
    // One after the other: a message whose id is in flight is a duplicate without any store.
    for (let i = 1; i <= 20; i++) {
      await broker.send("q", "b", { messageId: "m1" });
      await app.events("handled", 1 + i);
    }
    const away = /^f: handled ids are not remembered until their store is back: (Redis|PostgreSQL) at /;
    assert.equal(app.seen("notice").filter(({ message }) => away.test(message)).length, 1);

    await store.start();
    await app.event("notice", { message: "f: handled ids are remembered again" });
    await broker.send("q", "c", { messageId: "m1" });
    await app.event("duplicate", { messageId: "m1" });
    assert.deepEqual(app.seen("unavailable"), []);
  },
);

testOnBoth(
  "A store that takes no writes keeps messages in their queue until it does",
  async ({ broker, store: { kind } }) => {
    await using store = await startStore(kind);
    await store.takesWrites(false);
    using variable = variableWith(store.url);
    await using app = await runApp({ functions: { f: remembers(store, variable.name) }, broker });
    await app.event("unavailable", { function: "f" });
    // The function has not been there yet, so nothing has declared its queue.
    await broker.channel.assertQueue("q");
    await broker.send("q", "a", { messageId: "m1" });

    await store.takesWrites(true);
    await app.event("handled", { messageId: "m1" });
  },
);

testOnBoth(
  "A function whose variable is not set does not run, and says what to write; others do",
  async ({ broker, store }) => {
    const missing = "TEST_STORE_NOT_SET";
    await using app = await runApp({
      functions: {
        f: remembers(store, missing, { onStoreDown: "run" }),
        other: `export default queue("other", (body, { log }) => log(String(body)));`,
      },
      broker,
    });

    const { error } = await app.event("unavailable", { function: "f" });
    assert.match(
      error,
      /^The runtime's variable TEST_STORE_NOT_SET, the address of the .*, is not set; set it to one/,
    );
    assert.equal(app.app.missing().length, 1);
    await broker.send("other", "hello");
    await app.event("log", { message: "hello" });
  },
);
