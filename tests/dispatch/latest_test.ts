/** Of the messages of one key only the latest is run: `debounce` and `throttle`. */

import assert from "node:assert/strict";
import { createEvents } from "../../runtime/core/ports/events.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const saves = (options: string) =>
  `export default queue("q", { ${options} }, ({ id, text }, { log, message }) => {
    log(\`\${id} \${text}\`, { exchange: message.exchange, key: message.routingKey, headers: { ...message.headers } });
  });`;

const byFunction = `key: ({ id }: { id: string }) => id`;

testOnBroker("Debounced, the latest message of each key is run once it is quiet", async ({ broker }) => {
  await using app = await runApp({
    functions: { f: saves(`debounce: { key: "id", wait: 400 }`) },
    broker,
  });
  for (const text of ["one", "two", "three"]) {
    for (const id of ["a", "b"]) {
      await broker.send("q", JSON.stringify({ id, text }), { headers: { tenant: "acme" } });
    }
  }
  await app.events("handled", 2);
  await app.events("superseded", 4);
  assert.deepEqual(app.said("f").sort(), ["a three", "b three"]);
  const { data, run } = app.seen("log")[0]!;
  assert.deepEqual(data, { exchange: "", key: "q", headers: { tenant: "acme" } });
  assert.equal(run?.attempt, 1, "a wait is no run");
});

testOnBroker(
  "Throttled, the first message of a key is run at once, and then the latest",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: saves(`throttle: { ${byFunction}, per: "500ms" }`) },
      broker,
      isolate: "process",
    });
    await broker.send("q", `{ "id": "a", "text": "first" }`);
    await app.events("handled", 1);
    for (const text of ["second", "third", "last"]) await broker.send("q", JSON.stringify({ id: "a", text }));
    await app.events("handled", 2);
    await app.events("superseded", 2);
    assert.deepEqual(app.said("f"), ["a first", "a last"]);
  },
);

testOnBroker("Two runtimes together run the latest message of a key once", async ({ broker }) => {
  const events = createEvents();
  const functions = { f: saves(`debounce: { ${byFunction}, wait: 400 }`) };
  await using app = await runApp({ functions, broker, events });
  await using _other = await runApp({ functions, broker, events });
  for (let i = 1; i <= 10; i++) await broker.send("q", JSON.stringify({ id: "a", text: `${i}` }));
  await app.events("handled", 1);
  await app.events("superseded", 9);
  assert.deepEqual(app.said("f"), ["a 10"]);
});

testOnBroker(
  "A failed message is tried again, unless a later one of its key has come",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", {
        throttle: { key: "id", per: 50 },
        retry: { attempts: 3, delay: 300, factor: 1, jitter: 0 },
      }, ({ id, text }, { log, attempt }) => {
        log(\`\${id} \${text} \${attempt}\`);
        if (text === "bad" || attempt === 1 && text === "once") throw new Error("No");
      });`,
      },
      broker,
    });
    await broker.send("q", `{ "id": "a", "text": "once" }`);
    await app.events("handled", 1);
    await broker.send("q", `{ "id": "b", "text": "bad" }`);
    await app.events("retrying", 2);
    await broker.send("q", `{ "id": "b", "text": "good" }`);
    await app.events("handled", 2);
    await app.events("superseded", 1);
    assert.deepEqual(app.said("f"), ["a once 1", "a once 2", "b bad 1", "b good 1"]);
    assert.deepEqual(app.seen("dead-lettered"), []);
  },
);

testOnBroker(
  "A message without a key is run, and one whose key function throws becomes a dead letter",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: saves(`debounce: { key: ({ id }: { id?: string }) => {
        if (id === "bad") throw new Error("No key");
        return id;
      }, wait: 300 }`),
      },
      broker,
    });
    await broker.send("q", `{ "text": "free" }`);
    await broker.send("q", `{ "id": "bad", "text": "x" }`);
    await broker.send("q", `{ "id": "a", "text": "kept" }`);
    await app.events("dead-lettered", 1);
    await app.events("handled", 2);
    assert.deepEqual(app.said("f"), ["undefined free", "a kept"]);
  },
);

testOnBroker(
  "What waits to be the latest goes back when the runtime stops, and the next one runs it",
  async ({ broker }) => {
    const functions = { f: saves(`debounce: { key: "id", wait: "1m" }`) };
    {
      await using app = await runApp({ functions, broker });
      for (const text of ["one", "two"]) await broker.send("q", JSON.stringify({ id: "a", text }));
      await app.events("superseded", 1);
    }
    await using app = await runApp({
      functions: { f: saves(`debounce: { key: "id", wait: 300 }`) },
      broker,
    });
    await app.events("handled", 1);
    assert.deepEqual(app.said("f"), ["a two"]);
  },
);
