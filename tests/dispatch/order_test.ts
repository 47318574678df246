/** Messages of one key, one after the other. */

import assert from "node:assert/strict";
import { createEvents } from "../../runtime/core/ports/events.ts";
import { runApp, type TestApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** Logs `key number` when a run begins and ends; `slow` says how many milliseconds it takes. */
const ordered = (options: string, body = "") =>
  `export default queue("q", { ${options} }, async ({ key, n, ms = 2 }, { log, attempt }) => {
    log(\`begins \${key} \${n}\`);
    ${body}
    await new Promise((resolve) => setTimeout(resolve, ms));
    log(\`ends \${key} \${n}\`);
  });`;

const message = (key: string, n: number, more: object = {}) => JSON.stringify({ key, n, ...more });

/** What was logged of a key, without its name. */
const ofKey = (app: TestApp, key: string, who = "f") =>
  app.said(who).filter((line) => line.split(" ")[1] === key).map((line) => line.replace(` ${key}`, ""));

const oneByOne = (count: number) =>
  Array.from({ length: count }, (_, n) => [`begins ${n}`, `ends ${n}`]).flat();

testOnBroker(
  "Messages of one key run one after the other in their order, and those of others meanwhile",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: ordered('order: { by: "key", shards: 3 }') },
      broker,
    });
    const keys = ["a", "b", "c", "d"];

    for (let n = 0; n < 20; n++) for (const key of keys) await broker.send("q", message(key, n));
    await app.events("handled", 80);

    for (const key of keys) assert.deepEqual(ofKey(app, key), oneByOne(20));
    const inProgress = app.said("f").map((line) => line.startsWith("begins") ? 1 : -1);
    let running = 0;
    assert.ok(
      Math.max(...inProgress.map((change) => running += change)) > 1,
      "several keys at the same time",
    );
  },
);

testOnBroker(
  "The next message of a key waits until a failed one has succeeded, and other keys do not",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: ordered(
          'order: { by: "key", shards: 2 }, retry: { attempts: 3, delay: 150, factor: 1, jitter: 0 }',
          'if (key === "a" && n === 0 && attempt < 3) throw new Error("Again");',
        ),
      },
      broker,
    });

    for (let n = 0; n < 3; n++) for (const key of ["a", "b"]) await broker.send("q", message(key, n));
    await app.events("handled", 6);

    assert.deepEqual(ofKey(app, "a"), ["begins 0", "begins 0", ...oneByOne(3)]);
    assert.deepEqual(ofKey(app, "b"), oneByOne(3));
    const said = app.said("f");
    assert.ok(said.indexOf("ends b 2") < said.indexOf("ends a 0"), "b did not wait for a");
    assert.deepEqual(app.seen("retrying").map(({ attempt }) => attempt), [1, 2]);
  },
);

testOnBroker("When a message of a key has become a dead letter, the next one runs", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: ordered(
        'order: { by: "key" }, retry: { attempts: 2, delay: 5 }',
        'if (n === 0) throw new Error("Never");',
      ),
    },
    broker,
  });

  for (let n = 0; n < 2; n++) await broker.send("q", message("a", n), { headers: { mine: "yes" } });
  await app.event("handled");

  assert.deepEqual(ofKey(app, "a"), ["begins 0", "begins 0", "begins 1", "ends 1"]);
  const dead = await broker.next("q.dead");
  const { headers } = dead.properties;
  assert.equal(headers?.["x-hopper-attempts"], 2);
  assert.equal(headers?.["x-hopper-routing-key"], "q");
  assert.equal(headers?.mine, "yes");
  assert.equal("x-hopper-key" in headers!, false);
});

testOnBroker("The handler sees the message as it was sent", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `export default topic("t", "a.*", { queue: "q", order: { by: { header: "tenant" } } }, (_, { message, log }) =>
        log("seen", { exchange: message.exchange, key: message.routingKey, headers: message.headers, id: message.id,
          type: message.type, priority: message.priority }));`,
    },
    broker,
  });

  const properties = { messageId: "m", type: "T", priority: 3, headers: { tenant: "x", n: 1 } };
  await broker.publish("t", "a.b", "body", properties);
  const { data } = await app.event("log");

  assert.deepEqual(JSON.parse(JSON.stringify(data)), {
    exchange: "t",
    key: "a.b",
    headers: { tenant: "x", n: 1 },
    id: "m",
    type: "T",
    priority: 3,
  });
});

for (const isolate of ["inline", "process"] as const) {
  testOnBroker(`The key may be what a function of the message says (${isolate})`, async ({ broker }) => {
    await using app = await runApp({
      functions: { f: ordered("order: { by: (message: { key: string }) => message.key.slice(0, 1) }") },
      broker,
      isolate,
    });

    for (let n = 0; n < 10; n++) await broker.send("q", message(`a${n % 2}`, n));
    await app.events("handled", 10);

    const numbers = app.said("f").map((line) => line.replace(/ a\d/, ""));
    assert.deepEqual(numbers, oneByOne(10));
  });

  testOnBroker(
    `A message whose key function throws becomes a dead letter, and the others run (${isolate})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: { f: ordered("order: { by: (message) => message.key.toUpperCase() }") },
        broker,
        isolate,
      });

      await broker.send("q", message("a", 0));
      await broker.send("q", JSON.stringify({ n: 1 }));
      await broker.send("q", message("a", 2));
      await app.events("handled", 2);
      const { error } = await app.event("dead-lettered");

      assert.match(error, /^TypeError: Cannot read properties of undefined/);
      assert.deepEqual(app.said("f"), ["begins a 0", "ends a 0", "begins a 2", "ends a 2"]);
    },
  );
}

testOnBroker(
  "A key that is a list or too long is refused, and a message without a key is handled",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { order: { by: "a.b" } }, (body, { log }) => log(JSON.stringify(body)));`,
      },
      broker,
    });

    for (
      const body of [{ a: { b: [1] } }, { a: { b: "x".repeat(201) } }, { a: 1 }, { a: { b: 7 } }, "text"]
    ) {
      await broker.send("q", JSON.stringify(body));
    }
    await app.events("handled", 3);
    const errors = (await app.events("dead-lettered", 2)).map(({ error }) => error).toSorted();

    assert.deepEqual(app.said("f").toSorted(), ['"text"', '{"a":1}', '{"a":{"b":7}}']);
    assert.deepEqual(errors, [
      "Reject: The message's key has 201 characters, and may have 200",
      "Reject: The message's key is a list, and has to be text, a number or a boolean",
    ]);
  },
);

testOnBroker("Order holds while a second runtime comes and the first one goes", async ({ broker }) => {
  const events = createEvents();
  const functions = { f: ordered('order: { by: "key", shards: 2 }') };
  const first = await runApp({ functions, broker, events });
  const keys = ["a", "b", "c"];
  const send = async (from: number, to: number) => {
    for (let n = from; n < to; n++) for (const key of keys) await broker.send("q", message(key, n));
  };

  await send(0, 20);
  await using _second = await runApp({ functions, broker, events });
  await send(20, 40);
  await first[Symbol.asyncDispose]();
  await send(40, 60);
  await first.events("handled", 180);

  for (const key of keys) assert.deepEqual(ofKey(first, key), oneByOne(60));
});

testOnBroker("Order holds while the function's file is replaced", async ({ broker }) => {
  const source = (prefetch: number) => ordered(`prefetch: ${prefetch}, order: { by: "key", shards: 2 }`);
  await using app = await runApp({ functions: { f: source(5) }, broker, watch: {} });
  const keys = ["a", "b", "c"];

  const send = async (from: number, to: number) => {
    for (let n = from; n < to; n++) for (const key of keys) await broker.send("q", message(key, n));
  };

  for (const deploy of [1, 2]) {
    await send(deploy * 20 - 20, deploy * 20 - 10);
    await app.write("f", source(5 + deploy));
    await send(deploy * 20 - 10, deploy * 20);
    await app.events("deployed", deploy);
  }
  await app.events("handled", 120);

  for (const key of keys) assert.deepEqual(ofKey(app, key), oneByOne(40));
});

testOnBroker("Another number of shards is refused, with what to do", async ({ broker }) => {
  await using _app = await runApp({ functions: { f: ordered('order: { by: "key", shards: 2 }') }, broker });
  await using other = await runApp({ functions: { f: ordered('order: { by: "key", shards: 3 }') }, broker });

  const [missing] = other.app.missing();
  assert.match(
    missing!,
    /'f' has 2 shards at the broker, and its file says 3: .* Write shards: 2; or stop what sends to 'q'/,
  );
});

testOnBroker(
  "A function in order stops with its runs ended, and what waits is still in its order",
  async ({ broker }) => {
    const functions = { f: ordered('order: { by: "key", shards: 1 }', "if (n === 0) await released();") };
    const first = await runApp({ functions, broker });
    for (let n = 0; n < 5; n++) await broker.send("q", message("a", n));
    await first.event("started");

    const stopped = first.app.stop();
    await first.event("draining");
    await first.release();
    await stopped;
    assert.deepEqual(ofKey(first, "a"), ["begins 0", "ends 0"]);
    await first[Symbol.asyncDispose]();

    await using next = await runApp({ functions, broker });
    await next.events("handled", 4);
    assert.deepEqual(ofKey(next, "a"), oneByOne(5).slice(2));
  },
);
