/** The state that a function's setup returns lives as long as its process, or, inline, as its version. */

import assert from "node:assert/strict";
import { runApp as runAnyApp, type TestAppOptions } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** Functions run in processes, unless the config says otherwise. */
const runApp = (options: TestAppOptions) => runAnyApp({ isolate: "process", ...options });

const inline = { functions: { orders: { isolate: "inline" } } } as const;
const settings = "idle: 50, retry: false";

/** A function that counts its runs in its state, and logs when the state is made and closed. */
const counting = (name: string, options = settings) => `
  export default queue("orders", { ${options}, setup: async ({ env, log }) => {
    await Promise.resolve();
    log("${name} opened", { variables: Object.keys(env) });
    return { runs: 0, close: () => log("${name} closed") };
  } }, (_, { state, log }) => log(\`${name} \${++state.runs}\`));`;

testOnBroker(
  "A setup runs once in each process before its first message, and its result is closed when the process stops",
  async ({ broker }) => {
    await using app = await runApp({ functions: { orders: counting("db") }, broker });
    assert.deepEqual(app.said("orders"), [], "no process, no setup");
    await broker.send("orders", "1");
    await broker.send("orders", "2");
    await app.event("log", { message: "db closed" });
    assert.deepEqual(app.said("orders"), ["db opened", "db 1", "db 2", "db closed"]);

    await broker.send("orders", "3");
    await app.events("log", 2, { message: "db closed" });
    assert.deepEqual(app.said("orders").slice(4), ["db opened", "db 1", "db closed"], "in another process");
  },
);

testOnBroker("A setup gets the variables that the file asks for, and no others", async ({ broker }) => {
  Deno.env.set("HOPPER_TEST_DATABASE", "orders");
  await using app = await runApp({
    functions: { orders: counting("db", `${settings}, permissions: { env: ["HOPPER_TEST_DATABASE"] }`) },
    broker,
  });
  await broker.send("orders", "1");
  const { data } = await app.event("log", { message: "db opened" });
  Deno.env.delete("HOPPER_TEST_DATABASE");

  assert.deepEqual(data, { variables: ["HOPPER_TEST_DATABASE"] });
});

testOnBroker(
  "An inline function's setup runs once for each version, and its state is closed after the version's last run",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { orders: counting("first") },
      config: inline,
      broker,
      watch: {},
    });
    await broker.send("orders", "1");
    await app.event("log", { message: "first 1" });
    await app.write("orders", counting("second"));
    await app.event("deployed", { function: "orders" });
    await broker.send("orders", "2");
    await broker.send("orders", "3");
    await app.event("log", { message: "second 2" });
    await app.event("log", { message: "first closed" });

    const of = (version: string) => app.said("orders").filter((message) => message.startsWith(version));
    assert.deepEqual(of("first"), ["first opened", "first 1", "first closed"]);
    assert.deepEqual(of("second"), ["second opened", "second 1", "second 2"]);
  },
);

for (const config of [{}, inline]) {
  const where = config === inline ? "inline" : "in a process";
  for (const [what, options] of [["code", ""], ["settings", "prefetch: 3, "]] as const) {
    testOnBroker(
      `The previous version keeps running if the setup of a new one with other ${what} throws (${where})`,
      async ({ broker }) => {
        await using app = await runApp({
          functions: { orders: counting("first", "retry: false") },
          config,
          broker,
          watch: {},
        });
        await broker.send("orders", "1");
        await app.event("handled");
        await app.write(
          "orders",
          `export default queue("orders", { ${options}retry: false, setup: () => { throw new Error("No"); } }, () => {});`,
        );
        const { message } = await app.event("problem");
        assert.match(message, /^The change is not applied: .*The function's setup failed.*Error: No$/);
        await broker.send("orders", "2");
        await app.event("log", { message: "first 2" });
        assert.deepEqual(app.app.missing(), []);
      },
    );
  }
}

testOnBroker("An error while a state is closed is logged", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      orders:
        `export default queue("orders", { idle: 50, setup: () => ({ db: { close() { throw new Error("Still busy"); } } }) }, () => {});`,
    },
    broker,
  });
  await broker.send("orders", "1");
  await app.event("log", {
    level: "error",
    message: "What 'setup' returned could not be disposed of: Error: Still busy",
  });
});
