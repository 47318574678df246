/** How many messages of one key run at the same time. */

import assert from "node:assert/strict";
import { createEvents } from "../../runtime/core/ports/events.ts";
import { runApp, type TestApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const limited = (concurrency: string, more = "") =>
  `export default queue("q", { concurrency: ${concurrency}, ${more} }, async (key: string, { log }) => {
    log(\`begins \${key}\`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    log(\`ends \${key}\`);
  });`;

/** The most runs of a key at the same time, and of all keys. */
function most(app: TestApp) {
  const running = new Map<string, number>();
  let [ofKey, ofAll, all] = [0, 0, 0];
  for (const line of app.said("f")) {
    const [what, key] = line.split(" ") as [string, string];
    const change = what === "begins" ? 1 : -1;
    running.set(key, (running.get(key) ?? 0) + change);
    ofKey = Math.max(ofKey, running.get(key)!);
    ofAll = Math.max(ofAll, all += change);
  }
  return { ofKey, ofAll };
}

const byText = "{ limit: 2, key: (key: string) => key, shards: 3";

testOnBroker(
  "No more runs of one key are in progress than its limit, and more of all keys",
  async ({ broker }) => {
    await using app = await runApp({ functions: { f: limited(`${byText} }`) }, broker });

    await Promise.all(Array.from({ length: 60 }, (_, i) => broker.send("q", `"key${i % 5}"`)));
    await app.events("handled", 60);

    assert.equal(most(app).ofKey, 2);
    assert.ok(most(app).ofAll > 2, `${most(app).ofAll} of all`);
  },
);

testOnBroker("Runtimes share the limit of a key with scope: 'cluster'", async ({ broker }) => {
  const events = createEvents();
  const functions = { f: limited(`${byText}, scope: "cluster" }`) };
  await using app = await runApp({ functions, broker, events });
  await using _other = await runApp({ functions, broker, events });

  await Promise.all(Array.from({ length: 60 }, (_, i) => broker.send("q", `"key${i % 2}"`)));
  await app.events("handled", 60);

  assert.equal(most(app).ofKey, 2);
});

testOnBroker("One key's flood does not keep another key's message waiting", async ({ broker }) => {
  await using app = await runApp({
    functions: { f: limited("{ limit: 2, key: (key: string) => key, shards: 8 }") },
    broker,
  });

  await Promise.all(Array.from({ length: 200 }, () => broker.send("q", '"flood"')));
  await app.events("handled", 10);
  await broker.send("q", '"other"');
  await app.event("log", { message: "ends other" });
  const before = app.said("f").filter((line) => line === "ends flood").length;

  assert.ok(before < 150, `${before} of the flood were handled before`);
});

testOnBroker("A failed message is tried again while others of its key run", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", {
        concurrency: { limit: 1, key: { header: "k" } }, retry: { attempts: 2, delay: 100, jitter: 0 },
      }, (text, { log, attempt }) => {
        log(\`\${text} \${attempt}\`);
        if (text === "fails" && attempt === 1) throw new Error("Again");
      });`,
    },
    broker,
  });

  for (const text of ["fails", "next"]) await broker.send("q", text, { headers: { k: "same" } });
  await app.events("handled", 2);

  assert.deepEqual(app.said("f"), ["fails 1", "next 1", "fails 2"]);
});

testOnBroker("A limit by key goes with a rate", async ({ broker }) => {
  await using app = await runApp({
    functions: { f: limited(`${byText} }`, 'rate: { limit: 20, per: "1s", burst: 1 }') },
    broker,
  });
  const began = performance.now();

  for (let i = 0; i < 10; i++) await broker.send("q", `"key${i}"`);
  await app.events("handled", 10);

  assert.ok(performance.now() - began >= 9 * 50 * 0.9);
});
