import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "With 'ack: \"auto\"' a handled message is removed from the queue",
  async ({ broker }) => {
    const app = await runApp({ functions: { f: `export default queue("q", () => {});` }, broker });

    for (const text of ["a", "b", "c"]) await broker.send("q", text);
    await app.events("handled", 3);
    await app[Symbol.asyncDispose]();

    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBroker(
  "With 'ack: \"auto\"' the handler's own ack() and nack() have no effect, and an rpc still replies",
  async ({ broker }) => {
    await broker.channel.assertQueue("replies");
    const settleAll = `ack(); nack(); nack({ requeue: false });`;
    await using app = await runApp({
      functions: {
        f: `export default queue("q", (_, { ack, nack }) => { ${settleAll} throw new Reject("No"); });`,
        g: `export default rpc("g", (text, { ack, nack }) => { ${settleAll} return text; });`,
      },
      broker,
    });

    for (const queue of ["q", "g"]) await broker.send(queue, "x", { replyTo: "replies" });

    assert.equal(`${(await broker.next("replies")).content}`, '"x"');
    await app.event("dead-lettered");
    assert.equal((await broker.next("q.dead")).properties.headers!["x-hopper-error"], "Reject: No");
  },
);

testOnBroker(
  "With 'ack: \"manual\"' the handler settles its message, and settling it twice is harmless",
  async ({ broker, vhost }) => {
    const app = await runApp({
      functions: {
        f: `export default queue("q", { ack: "manual" }, (text, { ack, nack }) => {
        ack();
        ack();
        nack();
        nack({ requeue: false });
      });`,
      },
      broker,
    });

    for (const text of ["a", "b", "c"]) await broker.send("q", text);
    await app.events("handled", 3);
    assert.deepEqual(app.app.missing(), [], "the channel lives");
    await app[Symbol.asyncDispose]();

    assert.equal(await broker.waiting("q"), 0);
    assert.equal(await vhost.inspect("queues", "q.dead"), undefined);
  },
);

testOnBroker(
  "With 'ack: \"manual\"' an unsettled message goes back to its queue when the app ends",
  async ({ broker }) => {
    const app = await runApp({
      functions: { f: `export default queue("q", { ack: "manual", prefetch: 3 }, () => {});` },
      broker,
    });

    for (const text of ["a", "b", "c", "d"]) await broker.send("q", text);
    await app.events("handled", 3);
    assert.equal(await broker.waiting("q"), 1, "three are held, as many as the prefetch");
    await app[Symbol.asyncDispose]();

    assert.equal(await broker.waiting("q"), 4);
  },
);

testOnBroker(
  "With 'ack: \"manual\"' a message may be settled after its handler returned",
  async ({ broker }) => {
    const app = await runApp({
      functions: {
        f: `export default queue("q", { ack: "manual", prefetch: 1 }, (text, { ack, log }) => {
        log(text);
        released().then(ack, () => {}); // It may still wait when the app has ended.
      });`,
      },
      broker,
    });
    await broker.send("q", "a");
    await broker.send("q", "b");
    await app.event("handled");

    await app.release();

    await app.events("handled", 2);
    assert.deepEqual(app.said("f"), ["a", "b"]);
    await app[Symbol.asyncDispose]();
    assert.equal(await broker.waiting("q"), 1, "what was not acknowledged is there still");
  },
);

testOnBroker("With 'ack: \"manual\"' a nack requeues the message", async ({ broker }) => {
  const app = await runApp({
    functions: {
      f: `export default queue("q", { ack: "manual" }, (text, { message, ack, nack, log }) => {
        log(String(message.redelivered));
        message.redelivered ? ack() : nack();
      });`,
    },
    broker,
  });

  await broker.send("q", "a");
  await app.events("handled", 2);
  await app[Symbol.asyncDispose]();

  assert.deepEqual(app.said("f"), ["false", "true"]);
  assert.equal(await broker.waiting("q"), 0);
});

testOnBroker("With 'ack: \"manual\"' a nack without requeue dead-letters the message", async ({ broker }) => {
  const app = await runApp({
    functions: {
      f: `export default queue("q", { ack: "manual" }, (text, { nack }) => nack({ requeue: false }));`,
    },
    broker,
  });

  await broker.send("q", "a");
  await app.event("dead-lettered");
  await app[Symbol.asyncDispose]();

  const dead = await broker.next("q.dead");
  assert.equal(`${dead.content}`, "a");
  assert.equal(
    dead.properties.headers!["x-hopper-error"],
    "Reject: The handler gave the message up with nack({ requeue: false })",
  );
  assert.equal(await broker.waiting("q"), 0);
});

testOnBroker(
  "With 'ack: \"manual\"' a handler that throws dead-letters its message, unless it has settled it before",
  async ({ broker }) => {
    const app = await runApp({
      functions: {
        f: `export default queue("q", { ack: "manual", retry: false }, (text, { ack }) => {
        if (text === "ack first") ack();
        throw new Error(\`failed: \${text}\`);
      });`,
      },
      broker,
    });

    await broker.send("q", "ack first");
    await broker.send("q", "throw first");
    await app.events("failed", 2);
    await app.event("dead-lettered");
    await app[Symbol.asyncDispose]();

    assert.equal(await broker.waiting("q.dead"), 1);
    assert.equal(`${(await broker.next("q.dead")).content}`, "throw first");
    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBroker("With 'ack: \"none\"' a failure is only logged", async ({ broker, vhost }) => {
  const app = await runApp({
    functions: {
      f: `export default queue("q", { ack: "none" }, (text, { ack, nack }) => {
        ack();
        nack();
        nack({ requeue: false });
        if (text === "bad") throw new Error("No");
      });`,
    },
    broker,
  });

  for (const text of ["a", "bad", "b"]) await broker.send("q", text);
  await app.events("handled", 2);
  const { error } = await app.event("failed");
  await app[Symbol.asyncDispose]();

  assert.equal(error, "Error: No");
  assert.equal(await broker.waiting("q"), 0);
  assert.equal(await vhost.inspect("queues", "q.dead"), undefined);
});

testOnBroker(
  "With 'ack: \"none\"' all messages of a burst are handled in order, even if more arrive than may wait",
  async ({ broker }) => {
    await broker.channel.assertQueue("q");
    const count = 20_000;
    const padding = " ".repeat(2000);
    for (let i = 0; i < count; i++) broker.channel.sendToQueue("q", Buffer.from(`${i}${padding}`));
    await broker.channel.waitForConfirms();
    await using app = await runApp({
      functions: {
        f: `let next = 0, wrong = 0, open = false;
      export default queue("q", { ack: "none", concurrency: 1 }, async (i: number, { log }) => {
        if (!open) { log("first"); await released(); open = true; }
        if (i !== next++) wrong++;
        if (next === ${count}) log("done", { wrong });
      });`,
      },
      // The test is about messages that wait before they run, wherever they run.
      config: { defaults: { isolate: "inline" } },
      broker,
    });
    await app.event("log", { message: "first" });
    let queue = await broker.channel.checkQueue("q");
    while (queue.consumerCount > 0) queue = await broker.channel.checkQueue("q");
    assert.ok(queue.messageCount > 5000, "past its bound the app takes no more");

    await app.release();

    const { data } = await app.event("log", { message: "done" });
    assert.deepEqual(data, { wrong: 0 });
    assert.equal(await broker.waiting("q"), 0);
  },
);
