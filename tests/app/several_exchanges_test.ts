/** Functions whose queue is bound to several exchanges. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { hopperCommand } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** A function that logs its messages with their exchanges. */
const telling = (trigger: string) =>
  `export default ${
    trigger.replace(/\)$/, ", (text, { message, log }) => log(`${message.exchange} ${text}`))")
  };`;

testOnBroker(
  "A function gets the messages of several exchanges, and sees the exchange of each message",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        all: telling(`fanout(["logs", "audit"])`),
        keys: telling(`direct([["logins", "denied"], ["doors", ["opened", "closed"]]])`),
        patterns: telling(`topic([["orders", "order.*"], ["billing", ["invoice.#"]]])`),
        pairs: telling(
          `headers([["papers", { all: { format: "pdf" } }], ["files", { any: { urgent: true } }]])`,
        ),
        inline: telling(`topic([["orders", "order.*"], ["billing", "invoice.#"]])`),
      },
      config: { functions: { inline: { isolate: "inline" } } },
      broker,
      isolate: "process",
    });
    assert.deepEqual(app.app.missing(), []);
    await broker.publish("logs", "", "1");
    await broker.publish("audit", "", "2");
    await broker.publish("logins", "denied", "1");
    await broker.publish("doors", "closed", "2");
    await broker.publish("doors", "denied", "unwanted");
    await broker.publish("orders", "order.new", "1");
    await broker.publish("billing", "invoice.paid.late", "2");
    await broker.publish("billing", "order.new", "unwanted");
    await broker.publish("papers", "", "1", { headers: { format: "pdf" } });
    await broker.publish("files", "", "2", { headers: { urgent: true } });
    await broker.publish("files", "", "unwanted", { headers: { format: "pdf" } });
    await app.events("handled", 10);

    const said = (name: string) => app.said(name).toSorted();
    assert.deepEqual(said("all"), ["audit 2", "logs 1"]);
    assert.deepEqual(said("keys"), ["doors 2", "logins 1"]);
    assert.deepEqual(said("patterns"), ["billing 2", "orders 1"]);
    assert.deepEqual(said("pairs"), ["files 2", "papers 1"]);
    assert.deepEqual(said("inline"), ["billing 2", "orders 1"]);
  },
);

testOnBroker("A retried message keeps its exchange", async ({ broker }) => {
  const config = { defaults: { retry: { attempts: 2, delay: 1 } } };
  await using app = await runApp({
    functions: {
      audit: `export default fanout(["orders", "billing"], (_, { message, attempt, log }) => {
        log(` + "`${message.exchange} ${attempt}`" + `);
        if (attempt === 1) throw new Error("No");
      });`,
    },
    config,
    broker,
  });
  await broker.publish("billing", "", "1");
  await app.event("handled");

  assert.deepEqual(app.said("audit"), ["billing 1", "billing 2"]);
});

testOnBroker(
  "Each of several exchanges is declared with its own settings, and one that exists with others is reported by name",
  async ({ broker }) => {
    await broker.channel.assertExchange("billing", "topic", { durable: false });
    const [plain, matching] = ["", `, { exchanges: { billing: { durable: false } } }`].map((options) =>
      telling(`topic([["orders", "#"], ["billing", "#"]]${options})`)
    );
    await using app = await runApp({ functions: { plain: plain!, matching: matching! }, broker });

    assert.match(
      app.seen("detached", { function: "plain" })[0]!.error,
      /Match it \(exchanges: { "billing": { durable: false } }\)/,
    );
    await broker.publish("billing", "invoice.new", "1");
    await app.event("handled", { function: "matching" });
  },
);

testOnBroker("A new version with one exchange less is bound only to the others", async ({ broker }) => {
  await using app = await runApp({
    functions: { hears: telling(`fanout(["orders", "billing"])`) },
    broker,
    watch: {},
  });
  await app.write("hears", telling(`fanout(["orders", "refunds"])`));
  await app.event("deployed", { function: "hears" });

  await until("billing is bound to nothing", async () => !await isRouted(broker, "billing"));
  await broker.publish("orders", "", "1");
  await broker.publish("refunds", "", "2");
  await app.event("log", { message: "orders 1" });
  await app.event("log", { message: "refunds 2" });
});

testOnBroker(
  "An exchange that was declared again with other settings does not keep the others from being bound again",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { hears: telling(`topic([["orders", "#"], ["billing", "#"]])`) },
      broker,
      upkeepMs: 20,
    });
    await until("orders is a fanout exchange", async () => {
      await broker.channel.deleteExchange("orders");
      const channel = await broker.connection.createChannel();
      channel.on("error", () => {});
      const made = channel.assertExchange("orders", "fanout").then(() => channel.close());
      return await made.then(() => true, () => false);
    });
    await app.event("notice");

    await broker.channel.unbindQueue("hears", "billing", "#");
    await until("billing is bound again", () => isRouted(broker, "billing"));
    await app.event("handled");
  },
);

testOnBroker(
  "Dead letters of an exclusive function are replayed to their original exchanges",
  async ({ broker }) => {
    const failing = (fails: boolean) =>
      `export default topic([["orders", "order.*"], ["billing", "invoice.*"]], { exclusive: true },
      (text, { message, log }) => {
        log(` + "`${message.exchange} ${message.routingKey} ${text}`" + `);
        if (${fails}) throw new Error("No");
      });`;
    await using app = await runApp({ functions: { watch: failing(true) }, broker, watch: {} });
    await broker.publish("orders", "order.new", "1");
    await broker.publish("billing", "invoice.new", "2");
    await app.events("dead-lettered", 2);
    await app.write("watch", failing(false));
    await app.event("deployed", { function: "watch" });

    const { code, stdout, stderr } = await hopperCommand(["dead", "replay", "watch", "--yes"], {
      broker: broker.url,
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "2 replayed\n");
    await app.events("handled", 2);
    assert.deepEqual(app.said("watch").slice(2).toSorted(), ["billing invoice.new 2", "orders order.new 1"]);
  },
);

/** Whether a message that is published to an existing exchange reaches a queue. */
async function isRouted({ channel }: Broker, exchange: string): Promise<boolean> {
  let isReturned = false;
  const onReturn = () => isReturned = true;
  channel.once("return", onReturn);
  channel.publish(exchange, "any", Buffer.from("again"), { mandatory: true });
  await channel.waitForConfirms();
  channel.off("return", onReturn);
  return !isReturned;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!await holds()) assert.ok(performance.now() < deadline, `Not within 15 s: ${what}`);
}
