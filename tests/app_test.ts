import assert from "node:assert/strict";
import { runApp } from "./support/app.ts";
import { testOnBroker } from "./support/test_on_broker.ts";

testOnBroker(
  "Each kind of trigger gets the messages that match it, and no others",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        queue: `export default queue("tasks", (text, { log }) => log(text));`,
        fanout: `export default fanout("news", (text, { log }) => log(text));`,
        direct: `export default direct("levels", ["warning", "error"], (text, { log }) => log(text));`,
        topic: `export default topic("facilities", ["kern.*", "#.critical"], (text, { log }) => log(text));`,
        "headers/all":
          `export default headers("papers", { all: { format: "pdf", pages: 2 } }, (text, { log }) => log(text));`,
        "headers/any":
          `export default headers("papers", { any: { format: "pdf", pages: 2 } }, (text, { log }) => log(text));`,
      },
      broker,
    });

    for (const text of ["1", "2", "3"]) await broker.send("tasks", `task ${text}`);
    for (const key of ["", "any"]) await broker.publish("news", key, `news '${key}'`);
    for (const key of ["info", "warning", "error"]) await broker.publish("levels", key, key);
    for (const key of ["kern.info", "kern.info.x", "critical", "a.b.critical", "cron.critical.x"]) {
      await broker.publish("facilities", key, key);
    }
    await broker.publish("papers", "", "both", { headers: { format: "pdf", pages: 2, extra: true } });
    await broker.publish("papers", "", "format", { headers: { format: "pdf", pages: 3 } });
    await broker.publish("papers", "", "none", { headers: { format: "html" } });
    await app.events("handled", 3 + 2 + 2 + 3 + 1 + 2);

    assert.deepEqual(app.said("queue"), ["task 1", "task 2", "task 3"]);
    assert.deepEqual(app.said("fanout"), ["news ''", "news 'any'"]);
    assert.deepEqual(app.said("direct"), ["warning", "error"]);
    assert.deepEqual(app.said("topic"), ["kern.info", "critical", "a.b.critical"]);
    assert.deepEqual(app.said("headers.all"), ["both"]);
    assert.deepEqual(app.said("headers.any"), ["both", "format"]);
  },
);

testOnBroker(
  "A message that matches two keys or patterns of one function is handled once",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        topic:
          `export default topic("facilities", ["kern.*", "*.critical", "#", "kern.*"], (text, { log }) => log(text));`,
      },
      broker,
    });

    await broker.publish("facilities", "kern.critical", "first");
    await broker.publish("facilities", "kern.critical", "last");
    await app.events("handled", 2);

    assert.deepEqual(app.said("topic"), ["first", "last"]);
  },
);

testOnBroker("Two functions on one exchange each get their own copy", async ({ broker }) => {
  const source =
    `export default fanout("orders", ({ id }: { id: number }, { log }) => log(\`order \${id}\`));`;
  await using app = await runApp({ functions: { bill: source, "stock/pick": source }, broker });

  for (const id of [1, 2, 3]) await broker.publish("orders", "", JSON.stringify({ id }));
  await app.events("handled", 6);

  assert.deepEqual(app.said("bill"), ["order 1", "order 2", "order 3"]);
  assert.deepEqual(app.said("stock.pick"), ["order 1", "order 2", "order 3"]);
});

testOnBroker(
  "Two apps that consume one queue share its messages, and each is handled once",
  async ({ broker }) => {
    await broker.channel.assertQueue("done");
    const functions = {
      share: `export default queue("tasks", { prefetch: 1, publish: { queue: "done" } }, (text) => text);`,
    };
    await using one = await runApp({ functions, broker });
    await using two = await runApp({ functions, broker });

    const tasks = Array.from({ length: 50 }, (_, i) => `task ${i}`);
    await Promise.all(tasks.map((task) => broker.send("tasks", task)));
    const done = await broker.take("done", tasks.length);

    assert.deepEqual(done.map(({ content }) => `${content}`).toSorted(), tasks.toSorted());
    assert.ok(one.seen("handled").length > 0 && two.seen("handled").length > 0);
  },
);

testOnBroker("An exclusive function gets its own copy in every app", async ({ broker }) => {
  const functions = {
    each: `export default fanout("news", { exclusive: true }, (text, { log }) => log(text));`,
    shared: `export default fanout("news", (text, { log }) => log(text));`,
  };
  await using one = await runApp({ functions, broker });
  await using two = await runApp({ functions, broker });

  for (const text of ["a", "b"]) await broker.publish("news", "", text);
  await Promise.all([one, two].map((app) => app.events("handled", 2, { function: "each" })));

  assert.deepEqual(one.said("each"), ["a", "b"]);
  assert.deepEqual(two.said("each"), ["a", "b"]);
});

testOnBroker(
  "Messages that were sent before a function ran are handled when it runs",
  async ({ broker }) => {
    await broker.channel.assertQueue("tasks", { durable: true });
    for (const text of ["a", "b"]) await broker.send("tasks", text);

    await using app = await runApp({
      functions: { late: `export default queue("tasks", (text, { log }) => log(text));` },
      broker,
    });

    await app.events("handled", 2);
    assert.deepEqual(app.said("late"), ["a", "b"]);
  },
);

testOnBroker("Functions can call, send and publish through their context", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      start: `export default queue("start", async (n: number, { call, send, publish }) => {
        const doubled = await call<number>("double", n);
        await send("tasks", { doubled });
        await publish("news", "key", "doubled", { headers: { from: "start" } });
      });`,
      double: `export default rpc("double", (n: number) => 2 * n);`,
      tasks:
        `export default queue("tasks", ({ doubled }: { doubled: number }, { log }) => log(\`\${doubled}\`));`,
      news:
        `export default fanout("news", (text, { message, log }) => log(\`\${text} \${message.headers.from}\`));`,
    },
    broker,
  });

  await broker.send("start", "21");
  await app.events("handled", 4);

  assert.deepEqual(app.said("tasks"), ["42"]);
  assert.deepEqual(app.said("news"), ["doubled start"]);
});

testOnBroker("A handler sees the message's properties as they were sent", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      "deep/look": `export default topic("things", "a.#", (input, { name, attempt, message, log }) => {
        const { body, headers, ...rest } = message;
        log("seen", { input, name, attempt, body: [...body], headers: { ...headers }, ...rest });
      });`,
    },
    broker,
  });

  await broker.publish("things", "a.b", "[1]", {
    messageId: "m1",
    correlationId: "c1",
    replyTo: "r1",
    contentType: "application/json",
    timestamp: 1_700_000_000,
    headers: { tenant: "acme", depth: { list: [1, "two", true, null] } },
  });
  const { data, messageId } = await app.event("log");

  assert.equal(messageId, "m1");
  assert.deepEqual(data, {
    input: [1],
    name: "deep.look",
    attempt: 1,
    body: [91, 49, 93],
    headers: { tenant: "acme", depth: { list: [1, "two", true, null] } },
    id: "m1",
    exchange: "things",
    routingKey: "a.b",
    redelivered: false,
    correlationId: "c1",
    replyTo: "r1",
    timestamp: new Date(1_700_000_000_000).toISOString(),
    contentType: "application/json",
  });
});
