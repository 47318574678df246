import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { rabbitmqForTests, withVhost } from "../support/rabbitmq.ts";

const rabbitmq = await rabbitmqForTests();

Deno.test(
  "ack auto: what a handler returned from is gone from the queue",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    const app = await runApp({ functions: { f: `export default queue("q", () => {});` }, broker });

    for (const text of ["a", "b", "c"]) await broker.send("q", text);
    await app.events("handled", 3);
    await app[Symbol.asyncDispose]();

    assert.equal(await broker.waiting("q"), 0);
  },
);

Deno.test("ack auto: the outcome settles, whatever the handler calls; an rpc still replies", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
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
});

Deno.test(
  "ack manual: settled when the handler says so, and twice is harmless",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
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

Deno.test(
  "ack manual: what is not settled comes back once the app is gone",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
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

Deno.test(
  "ack manual: a message may be settled after its handler returned",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
    const app = await runApp({
      functions: {
        f: `export default queue("q", { ack: "manual", prefetch: 1 }, (text, { ack, log }) => {
        log(text);
        released().then(ack);
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

Deno.test("ack manual: nack gives the message back", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
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

Deno.test("ack manual: nack without requeue dead-letters", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
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

Deno.test("ack manual: a handler that throws before it settles dead-letters, and not after", {
  ignore: !rabbitmq,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
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
});

Deno.test("ack none: a failure is logged and nothing else", { ignore: !rabbitmq }, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
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

Deno.test(
  "ack none: more messages than may wait here are all handled, in order",
  { ignore: !rabbitmq },
  async () => {
    await using vhost = await withVhost(rabbitmq!);
    await using broker = await connectBroker(vhost.url);
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
      // What is tried is what waits before it runs, wherever that is.
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
