/** While a function's setup fails, its messages wait, its callers are told, and it is tried again. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { runApp as runAnyApp, type TestAppOptions } from "../support/app.ts";
import { connecting, downDatabase } from "../support/down_database.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** Functions run in processes, unless the config says otherwise. */
const runApp = (options: TestAppOptions) => runAnyApp({ isolate: "process", ...options });

const inline = { functions: { orders: { isolate: "inline" } } } as const;
const everyInline = { "*": { isolate: "inline" } } as const;

for (const config of [{}, inline]) {
  const where = config === inline ? "inline" : "in a process";
  const failing = { ...config, defaults: { pause: { probe: 20, most: 20 } } };

  testOnBroker(
    `While setup throws, messages stay in the queue and the runtime is not ready (${where})`,
    async ({ broker }) => {
      const database = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = database.addr as Deno.NetAddr;
      database.close();
      await using app = await runApp({
        functions: {
          orders: `export default queue("orders", {
          retry: { attempts: 1 }, permissions: { net: ["127.0.0.1:${port}"] },
          setup: async () => ({ db: await Deno.connect({ hostname: "127.0.0.1", port: ${port} }) }),
        }, (text, { state, log }) => log(\`\${text} \${state.db.remoteAddr.port === ${port}}\`));`,
          good: `export default queue("good", () => {});`,
        },
        config: failing,
        broker,
      });
      await broker.send("orders", "1");
      await app.events("unavailable", 3, { function: "orders" });
      const { error, at } = await app.event("failed", { function: "orders" });
      assert.match(
        error,
        /^SetupFailed: The function's setup failed, and is tried again: ConnectionRefused: /,
      );
      assert.match(at!, /orders\.ts:\d+:\d+$/);
      const ofSetup = () =>
        app.app.missing().filter((line) => line.startsWith("orders: The function's setup failed"));
      assert.equal(ofSetup().length, 1);
      await broker.send("good", "1");
      await app.event("handled", { function: "good" });
      assert.deepEqual(app.seen("dead-lettered"), []);

      using opened = Deno.listen({ hostname: "127.0.0.1", port });
      const accepted = opened.accept();
      await app.event("log", { function: "orders", message: "1 true" });
      await app.event("handled", { function: "orders" });
      assert.deepEqual(ofSetup(), []);
      (await accepted).close();
    },
  );

  testOnBroker(
    `A failed setup is tried again by itself, even if no message arrives (${where})`,
    async ({ broker }) => {
      const database = downDatabase();
      await using app = await runApp({
        functions: {
          orders: connecting(`queue("orders", {`, database.port),
          total: connecting(`rpc("total", {`, database.port),
        },
        config: { ...failing, functions: config === inline ? everyInline : {} },
        broker,
      });
      await using client = await connect(broker.url);
      await broker.send("orders", "1");
      await app.events("unavailable", 3, { function: "orders" });
      await assert.rejects(client.call("total"), { code: "SETUP_FAILED" });
      await app.event("unavailable", { function: "total" });
      assert.equal((await broker.channel.purgeQueue("orders")).messageCount, 1);
      assert.deepEqual(app.app.missing().map((line) => line.split(":")[0]).toSorted(), ["orders", "total"]);
      assert.deepEqual(app.app.paused(), []);

      using _ = database.up();
      await app.event("available", { function: "orders" });
      await app.event("available", { function: "total" });
      await app.events("attached", 2, { function: "orders" });
      assert.deepEqual(app.app.missing(), []);
      assert.equal(await client.call("total"), database.port);
    },
  );

  testOnBroker(
    `With 'ack: "none"' messages wait at the broker until the setup works (${where})`,
    async ({ broker }) => {
      const database = downDatabase();
      await broker.channel.assertQueue("orders");
      for (const text of ["1", "2", "3"]) await broker.send("orders", text);
      await using app = await runApp({
        functions: { orders: connecting(`queue("orders", { ack: "none",`, database.port) },
        config: failing,
        broker,
      });
      await app.events("unavailable", 2);
      assert.equal(await broker.waiting("orders"), 3);

      using _ = database.up();
      await app.events("handled", 3);
      assert.deepEqual(app.said("orders"), ["1", "2", "3"]);
    },
  );

  testOnBroker(
    `A file that is saved while its setup fails gets a new try at once (${where})`,
    async ({ broker }) => {
      const throws = "setup: () => { throw new Error(`No`); }";
      await using app = await runApp({
        functions: {
          orders: `export default queue("orders", { ${throws} }, () => {});`,
          total: `export default rpc("total", { ${throws} }, () => 1);`,
        },
        config: { functions: config === inline ? everyInline : {}, defaults: { pause: { probe: 60_000 } } },
        broker,
        watch: {},
      });
      await using client = await connect(broker.url);
      await broker.send("orders", "1");
      await app.event("unavailable", { function: "orders" });
      await assert.rejects(client.call("total"), { code: "SETUP_FAILED" });
      // No caller waits for the next try, which comes in 30 seconds at the earliest.
      await assert.rejects(client.call("total", null, { timeout: "15s" }), { code: "SETUP_FAILED" });

      await app.write("orders", `export default queue("orders", { setup: () => 1 }, () => {});`);
      await app.event("handled", { function: "orders" });
      await app.write("total", `export default rpc("total", { setup: () => 2 }, (_, { state }) => state);`);
      await app.event("deployed", { function: "total" });
      // The previous version may still answer the calls that reached it.
      const answer = () => client.call("total").catch(({ code }) => code);
      let reply = await answer();
      for (let tries = 0; reply === "SETUP_FAILED" && tries < 100; tries++) reply = await answer();
      assert.equal(reply, 2);
      assert.deepEqual(app.app.missing(), []);
    },
  );

  testOnBroker(
    `A setup that takes longer than 'setupTimeout' is aborted and tried again (${where})`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          orders: `export default queue("orders", { setupTimeout: 50, setup: ({ signal, log }) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => log("told"))) }, () => {});`,
        },
        config: failing,
        broker,
      });
      await broker.send("orders", "1");
      const { error } = await app.event("failed");
      assert.match(error, /It took longer than 50 ms; write a longer 'setupTimeout' if it needs more/);
      await app.event("log", { message: "told" });
    },
  );
}

testOnBroker(
  "With 'ack: \"none\"' a message that arrived while setup failed is run when setup works, or requeued when the runtime stops",
  async ({ broker }) => {
    const database = downDatabase();
    const options = {
      functions: { orders: connecting(`queue("orders", { ack: "none", idle: 50,`, database.port) },
      config: { defaults: { pause: { probe: 20, most: 20 } } },
      broker,
    };
    {
      const up = database.up();
      await using app = await runApp(options);
      await app.event("log", { message: "closed" });
      up[Symbol.dispose]();
      for (const text of ["1", "2"]) await broker.send("orders", text);
      await app.event("unavailable");
      using _ = database.up();
      await app.events("handled", 2);
      assert.deepEqual(app.said("orders").slice(0, 3), ["closed", "1", "2"]);
    }
    {
      const up = database.up();
      await using app = await runApp(options);
      await app.event("log", { message: "closed" });
      up[Symbol.dispose]();
      await broker.send("orders", "3");
      await app.event("unavailable");
      assert.equal(await broker.waiting("orders"), 0);
    }
    using _ = database.up();
    await using app = await runApp(options);
    await app.event("handled", { attempt: 1 });
    assert.ok(app.said("orders").includes("3"));
  },
);

testOnBroker("A setup that ends its process, or never yields, is reported", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      leaves: `export default queue("leaves", { setup: () => Deno.exit(3) }, () => {});`,
      loops: `export default queue("loops", { setupTimeout: 1, setup: () => { for (;;); } }, () => {});`,
    },
    config: { defaults: { pause: { probe: 60_000 } } },
    broker,
  });
  await broker.send("leaves", "1");
  await broker.send("loops", "1");
  assert.match((await app.event("failed", { function: "leaves" })).error, /process exited with code 3/);
  assert.match((await app.event("failed", { function: "loops" })).error, /It took longer than \d+ ms/);
});

testOnBroker(
  "An rpc's caller gets SETUP_FAILED if the setup failed, and the log says why",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        total:
          `export default rpc("total", { setup: () => { throw new Error("No route to db.example"); } }, () => 5);`,
      },
      broker,
    });
    await using client = await connect(broker.url);
    await assert.rejects(client.call("total"), {
      code: "SETUP_FAILED",
      status: 503,
      message: "The function's setup failed",
    });
    assert.match((await app.event("failed")).error, /No route to db\.example/);
  },
);
