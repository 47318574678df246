/** Files that are dropped, changed and deleted while the runtime runs. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** An rpc that replies with its version. */
const version = (answer: string) => `export default rpc("version", () => ${JSON.stringify(answer)});`;

/** A started app that watches its folder, and a client. */
async function running(broker: Broker, functions: Record<string, string>) {
  await using stack = new AsyncDisposableStack();
  const app = stack.use(await runApp({ functions, broker, watch: {}, isolate: "process" }));
  const client = stack.use(await connect(broker.url));
  const owned = stack.move();
  return { app, broker, client, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

testOnBroker("A dropped file becomes live, and the log says how long that took", async ({ broker }) => {
  await using to = await running(broker, {});

  await to.app.write("version", version("first"));

  const { change, queue, ms } = await to.app.event("deployed", { function: "version" });
  assert.deepEqual([change, queue], ["new", "version"]);
  assert.ok(ms < 5000);
  assert.equal(await to.client.call("version"), "first");
});

testOnBroker(
  "When a file is edited, runs end with the old code and new messages run with the new code",
  async ({ broker }) => {
    const work = (answer: string) =>
      `export default queue("work", async (_, { log }) => { log("${answer} begins"); await released(); log("${answer} ends"); });`;
    await using to = await running(broker, { work: work("old") });

    await to.broker.send("work", "1");
    await to.app.event("log", { message: "old begins" });
    await to.app.write("work", work("new"));
    await to.app.event("deployed", { function: "work", change: "code" });
    await to.broker.send("work", "2");
    await to.app.event("log", { message: "new begins" });
    await to.app.release(2);
    await to.app.events("handled", 2);

    assert.deepEqual(to.app.said("work").toSorted(), ["new begins", "new ends", "old begins", "old ends"]);
    assert.equal(to.app.seen("attached", { function: "work" }).length, 1, "the consumer is the same");
  },
);

testOnBroker(
  "A change of what a file says of its function replaces the code, and keeps the consumer",
  async ({ broker }) => {
    const said = (text: string) => `/** ${text} */\n${version("1")}`;
    await using to = await running(broker, { version: said("Before.") });

    await to.app.write("version", said("After."));
    await to.app.event("deployed", { function: "version", change: "code" });

    const [declared] = to.app.app.catalog.functions;
    assert.equal(declared!.contract.description, "After.");
    assert.equal(to.app.seen("attached", { function: "version" }).length, 1, "the consumer is the same");
  },
);

testOnBroker(
  "A change of a helper replaces the functions that import it, and no others",
  async ({ broker }) => {
    await using to = await running(broker, {
      "_lib/word.ts": `export { word } from "./words.ts";`,
      "_lib/words.ts": `export const word = "hello";`,
      "prices.json": `{ "bolt": 1 }`,
      word: `import { word } from "./_lib/word.ts"; export default rpc("word", () => word);`,
      price: `import prices from "./prices.json" with { type: "json" };
      export default rpc("price", () => prices.bolt);`,
      later:
        `export default rpc("later", async () => { const { word } = await import("./_lib/word.ts"); return word; });`,
    });

    await to.app.write("_lib/words.ts", `export const word = "good day";`);
    await to.app.event("deployed", { function: "word" });
    await to.app.event("deployed", { function: "later" });
    assert.equal(await to.client.call("word"), "good day");
    assert.equal(await to.client.call("later"), "good day");
    assert.equal(await to.client.call("price"), 1);
    assert.equal(to.app.seen("deployed", { function: "price" }).length, 0);

    await to.app.write("prices.json", `{ "bolt": 2 }`);
    await to.app.event("deployed", { function: "price" });
    assert.equal(await to.client.call("price"), 2);
  },
);

testOnBroker(
  "The previous version keeps running after a broken edit until the file is fixed, even if it had never run",
  async ({ broker }) => {
    await using to = await running(broker, { version: version("first") });

    await to.app.write("version", `export default rpc("version", () => {`);
    const { message } = await to.app.event("problem");
    await to.app.event("notice", {
      message: "version: the previous version keeps running until the file is fixed",
    });
    assert.match(message, /^Syntax error/);
    assert.equal(await to.client.call("version"), "first");

    await to.app.write("version", version("mended"));
    await to.app.event("deployed", { function: "version" });
    assert.equal(await to.client.call("version"), "mended");
  },
);

testOnBroker(
  "When a file is deleted, its runs finish, its consumer detaches, and its queue keeps its messages",
  async ({ broker }) => {
    await using to = await running(broker, {
      work:
        `export default queue("work", { prefetch: 1 }, async (_, { log }) => { log("begins"); await released(); });`,
    });
    await to.broker.send("work", "1");
    await to.app.event("log", { message: "begins" });

    await to.app.remove("work");
    await to.app.event("removed", { function: "work", queue: "work" });
    let queue = await to.broker.channel.checkQueue("work");
    while (queue.consumerCount > 0) queue = await to.broker.channel.checkQueue("work");
    await to.broker.send("work", "2");
    await to.app.release();
    await to.app.event("handled", { function: "work" });

    assert.equal(await to.broker.waiting("work"), 1);
    assert.deepEqual(to.app.app.missing(), []);
  },
);

testOnBroker(
  "When a trigger changes, the new bindings are made before the old ones are removed, and the queue stays",
  async ({ broker }) => {
    const audit = (keys: string) =>
      `export default topic("events", ${keys}, (_, { message, log }) => log(message.routingKey));`;
    await using to = await running(broker, { audit: audit(`["a.*", "b.*"]`) });

    await to.app.write("audit", audit(`["b.*", "c.*"]`));
    await to.app.event("deployed", { function: "audit", change: "settings" });
    const routed = async (key: string) => {
      let returned = false;
      to.broker.channel.once("return", () => returned = true);
      await to.broker.publish("events", key, "x", { mandatory: true });
      to.broker.channel.removeAllListeners("return");
      return !returned;
    };
    while (await routed("a.1"));

    assert.ok(await routed("b.1"));
    assert.ok(await routed("c.1"));
    await to.app.event("log", { message: "b.1" });
    await to.app.event("log", { message: "c.1" });
  },
);

testOnBroker("A change that the broker refuses is not applied, and the log says why", async ({ broker }) => {
  const version = (answer: string, options = "{}") =>
    `export default rpc("version", ${options}, () => "${answer}");`;
  await using to = await running(broker, { version: version("first") });

  await to.app.write("version", version("second", "{ durable: false }"));
  const { message, fix } = await to.app.event("problem");

  assert.match(message, /^The change is not applied: .*durable/);
  assert.match(fix, /previous version keeps running/);
  assert.equal(await to.client.call("version"), "first");
  assert.deepEqual(to.app.app.missing(), []);
});

testOnBroker(
  "A file that never finishes loading does not keep others from becoming live",
  async ({ broker }) => {
    await using to = await running(broker, {});

    await to.app.write("stuck", "for (;;);");
    await to.app.write("version", version("first"));

    await to.app.event("deployed", { function: "version" });
    const { message } = await to.app.event("problem");
    assert.match(message, /^It has not finished loading after 1 s/);
    assert.equal(await to.client.call("version"), "first");
  },
);

testOnBroker("Two changes of a queue function's settings under load lose no message", async ({ broker }) => {
  const work = (prefetch: number) =>
    `export default queue("work", { prefetch: ${prefetch} }, (text, { log }) => log(String(text)));`;
  await using to = await running(broker, { work: work(5) });
  const sent = Array.from({ length: 300 }, (_, i) => `${i}`);
  const sending = (async () => {
    for (const text of sent) await to.broker.send("work", text);
  })();

  for (const prefetch of [6, 7]) {
    await to.app.write("work", work(prefetch));
    await to.app.events("deployed", prefetch - 5, { function: "work", change: "settings" });
  }
  await sending;
  await to.app.events("handled", sent.length);

  assert.deepEqual([...new Set(to.app.said("work"))].sort((a, b) => Number(a) - Number(b)), sent);
});
