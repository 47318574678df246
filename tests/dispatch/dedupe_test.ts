import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { withFolder } from "../support/folder.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const remembers = (dedupe: string) =>
  `export default queue("q", { dedupe: ${dedupe}, concurrency: 1 }, (body, { log }) => log(String(body)));`;

testOnBroker(
  "Of two in-flight messages with one id, one runs, and both are acknowledged",
  async ({ broker }) => {
    const app = await runApp({
      functions: {
        f: `export default queue("q", async (body, { log }) => { log(String(body)); await released(); });`,
      },
      broker,
    });

    await broker.send("q", "first", { messageId: "m1" });
    await broker.send("q", "first", { messageId: "m1" });
    await broker.send("q", "another message, of a sender that gives all the same id", { messageId: "m1" });
    await broker.send("q", "other", { messageId: "m2" });
    await app.event("log", { message: "other" });
    await app.release(3);
    await app.event("duplicate", { messageId: "m1" });
    await app.events("handled", 3);
    await app[Symbol.asyncDispose]();

    assert.deepEqual(app.said("f"), [
      "first",
      "another message, of a sender that gives all the same id",
      "other",
    ]);
    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBroker("Without 'dedupe' a message with a handled id runs again", async ({ broker }) => {
  await using app = await runApp({ functions: { f: remembers("false") }, broker });

  await broker.send("q", "first", { messageId: "m1" });
  await app.event("handled");
  await broker.send("q", "again", { messageId: "m1" });
  await app.events("handled", 2);
});

testOnBroker(
  "With 'dedupe' a message with a handled id does not run again within its time",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: remembers('{ for: "1h" }') },
      broker,
    });

    await broker.send("q", "first", { messageId: "m1" });
    await broker.send("q", "again", { messageId: "m1" });
    await broker.send("q", "nameless");
    await broker.send("q", "nameless");
    await app.events("handled", 3);

    assert.deepEqual(app.said("f"), ["first", "nameless", "nameless"], "what has no id is never the same");
    assert.deepEqual(app.seen("duplicate").map(({ messageId }) => messageId), ["m1"]);
    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBroker(
  "With 'dedupe' a failed message is retried, and its id is remembered when it has been handled",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { dedupe: { for: "1h" }, retry: { delay: 5 } }, (_, { attempt }) => {
        if (attempt === 1) throw new Error("No");
      });`,
      },
      broker,
    });

    await broker.send("q", "first", { messageId: "m1" });
    assert.equal((await app.event("handled", { messageId: "m1" })).attempt, 2);
    await broker.send("q", "again", { messageId: "m1" });
    await app.event("duplicate", { messageId: "m1" });

    assert.equal(app.seen("handled").length, 1);
  },
);

for (const [store, remembered] of [["memory", false], ["disk", true]] as const) {
  const does = remembered ? "is known to" : "is forgotten by";
  testOnBroker(
    `With 'dedupe' in ${store}, a handled id ${does} the next runtime`,
    async ({ broker }) => {
      await using data = await withFolder();
      const options = {
        functions: { f: remembers(`{ for: "1h", store: "${store}" }`) },
        broker,
        data: data.at(".hopper"),
      };
      const before = await runApp(options);
      await broker.send("q", "first", { messageId: "m1" });
      await before.event("handled", { messageId: "m1" });
      await before[Symbol.asyncDispose]();

      await using after = await runApp(options);
      await broker.send("q", "again", { messageId: "m1" });
      await broker.send("q", "other", { messageId: "m2" });
      await after.event("handled", { messageId: "m2" });

      assert.deepEqual(after.said("f"), remembered ? ["other"] : ["again", "other"]);
      assert.equal(after.seen("duplicate").length, remembered ? 1 : 0);
    },
  );
}
