/** Functions that read a stream. */

import assert from "node:assert/strict";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const reads = (options = "", does = "") =>
  `export default queue("events", { queueType: "stream", ${options} }, async (body, { log, attempt, message }) => {
    ${does}
    log(String(body));
  });`;

/** Declares the stream and fills it, before there is any function. */
async function fill(broker: Broker, bodies: readonly string[]): Promise<void> {
  await broker.channel.assertQueue("events", { arguments: { "x-queue-type": "stream" } });
  for (const body of bodies) await broker.send("events", body, { messageId: body });
}

testOnBroker(
  "A stream is read from its first message, and after a restart from where it was",
  async ({ broker }) => {
    await fill(broker, ["0", "1", "2", "3", "4"]);
    const options = { functions: { f: reads(`from: "first", concurrency: 1`) }, broker };
    {
      await using app = await runApp(options);
      await app.events("handled", 5);
      assert.deepEqual(app.said("f"), ["0", "1", "2", "3", "4"]);
    }
    await fill(broker, ["5", "6"]);

    await using app = await runApp(options);
    await app.events("handled", 2);
    await broker.send("events", "7");
    await app.events("handled", 3);
    assert.deepEqual(app.said("f"), ["5", "6", "7"]);
  },
);

for (const from of ["next", "last", "3", "new Date(0)"]) {
  testOnBroker(`A function that reads from ${from} begins there`, async ({ broker }) => {
    await fill(broker, ["0", "1", "2", "3", "4"]);
    await using app = await runApp({
      functions: { f: reads(`concurrency: 1, from: ${/^[a-z]+$/.test(from) ? `"${from}"` : from}`) },
      broker,
    });
    await app.event("attached", { queue: "events" });
    await broker.send("events", "new");
    await app.event("log", { message: "new" });
    const expected = { next: ["new"], last: ["4", "new"], "3": ["3", "4", "new"] }[from];
    assert.deepEqual(app.said("f"), expected ?? ["0", "1", "2", "3", "4", "new"]);
  });
}

testOnBroker("Each function reads the whole stream, and keeps a place of its own", async ({ broker }) => {
  await fill(broker, ["0", "1", "2"]);
  await using app = await runApp({
    functions: { f: reads(`from: "first"`), g: reads(`from: "first"`) },
    broker,
  });
  await app.events("handled", 3, { function: "f" });
  await app.events("handled", 3, { function: "g" });
});

testOnBroker(
  "A failed message is run again from a queue of the function's own, and the stream goes on meanwhile",
  async ({ broker }) => {
    await fill(broker, ["0", "bad", "2"]);
    await using app = await runApp({
      functions: {
        f: reads(
          `from: "first", concurrency: 1, retry: { attempts: 2, delay: 50 }`,
          `if (body === "bad") throw new Error("No");`,
        ),
        g: reads(`from: "first"`),
      },
      broker,
    });
    await app.events("handled", 2, { function: "f" });
    await app.event("dead-lettered", { function: "f", queue: "events.f.dead" });
    await app.events("handled", 3, { function: "g" });

    assert.deepEqual(app.said("f"), ["0", "2"]);
    assert.deepEqual(
      app.said("g").toSorted(),
      ["0", "2", "bad"],
      "others do not get what failed here once more",
    );
    assert.equal(await broker.waiting("events.f.dead"), 1);
  },
);

testOnBroker("Of two replicas one reads, and when it stops the other goes on", async ({ broker }) => {
  await fill(broker, []);
  const options = { functions: { f: reads(`from: "first"`) }, broker };
  const one = await runApp(options);
  await one.event("attached", { queue: "events" });
  await using other = await runApp(options);
  assert.deepEqual(other.app.missing(), [], "a replica that stands by is ready");
  await fill(broker, ["0", "1"]);
  await one.events("handled", 2);
  assert.deepEqual(other.seen("attached", { queue: "events" }), []);

  await one[Symbol.asyncDispose]();
  await other.event("attached", { queue: "events" });
  await fill(broker, ["2"]);
  await other.event("log", { message: "2" });
  assert.deepEqual(other.said("f"), ["2"], "nothing is read twice");
});

testOnBroker("While setup fails nothing is read, and then everything is", async ({ broker }) => {
  await fill(broker, ["0", "1"]);
  await using app = await runApp({
    functions: {
      f: `let tries = 0;
        ${
        reads(`from: "first", concurrency: 1, setup: () => { if (tries++ < 2) throw new Error("Down"); }`)
      }`,
    },
    broker,
  });
  await app.events("handled", 2);
  assert.deepEqual(app.said("f"), ["0", "1"]);
});

testOnBroker(
  "A file that is replaced while a stream flows goes on where the previous version was",
  async ({ broker }) => {
    await fill(broker, ["0", "1"]);
    await using app = await runApp({
      functions: { f: reads(`from: "first", concurrency: 1`) },
      broker,
      watch: {},
    });
    await app.events("handled", 2);
    await app.write("f", reads(`from: "first", concurrency: 1, prefetch: 5`));
    await app.event("deployed", { change: "settings" });
    await fill(broker, ["2", "3"]);
    await app.event("log", { message: "3" });
    assert.deepEqual(app.said("f"), ["0", "1", "2", "3"]);
  },
);

testOnBroker(
  "A message that ends its process becomes a dead letter of the function, and the stream goes on",
  async ({ broker }) => {
    await fill(broker, ["0", "bad", "2"]);
    await using app = await runApp({
      functions: {
        f: reads(`from: "first", retry: { attempts: 2, delay: 5 }`, `if (body === "bad") Deno.exit(1);`),
      },
      broker,
      isolate: "process",
    });
    await app.event("dead-lettered", { function: "f", queue: "events.f.dead", messageId: "bad" });
    await app.events("handled", 2);
    await broker.send("events", "3", { messageId: "3" });
    await app.event("handled", { messageId: "3" });
    // What was in the process too may have run twice.
    assert.deepEqual(new Set(app.said("f")), new Set(["0", "2", "3"]));
  },
);

testOnBroker(
  "What was handled is not run again from a stream with 'dedupe', however often it is published",
  async ({ broker }) => {
    await fill(broker, ["0", "0", "1"]);
    await using app = await runApp({
      functions: { f: reads(`from: "first", concurrency: 1, dedupe: { for: "1h" }`) },
      broker,
    });
    await app.event("duplicate", { messageId: "0" });
    await app.event("handled", { messageId: "1" });
    assert.deepEqual(app.said("f"), ["0", "1"]);
  },
);

testOnBroker("While an operator has paused a function its stream is not read", async ({ broker }) => {
  await fill(broker, ["0"]);
  await using app = await runApp({ functions: { f: reads(`from: "first"`) }, broker });
  await app.events("handled", 1);
  await app.app.operations.hold("f", true);
  await broker.send("events", "1");
  await app.app.operations.hold("f", false);
  await app.event("log", { message: "1" });
  assert.deepEqual(app.said("f"), ["0", "1"]);
});

testOnBroker("A stream is read in batches, and only what failed in one is run again", async ({ broker }) => {
  await fill(broker, ["0", "1", "bad", "3"]);
  await using app = await runApp({
    functions: {
      f: `import { BatchFailed } from "hopper";
        export default hopper.queue("events", {
          queueType: "stream", from: "first", batch: { size: 4, wait: "1s" }, retry: { attempts: 2, delay: 5 },
        }, (bodies: unknown[], { log }) => {
          log(bodies.join());
          const bad = bodies.indexOf("bad");
          if (bad >= 0) throw new BatchFailed([{ item: bad, error: new Error("No") }]);
        });`,
    },
    broker,
  });
  await app.event("dead-lettered", { queue: "events.f.dead", messageId: "bad" });
  await app.events("handled", 3);
  assert.deepEqual(app.said("f"), ["0,1,bad,3", "bad"]);
});
