/** Exchanges that others declared with their own settings, or delete. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { runApp, type TestApp } from "../support/app.ts";
import { onEmbedded, startRabbitmq } from "../support/rabbitmq.ts";
import { rabbitmq, testOnBroker } from "../support/test_on_broker.ts";

/** A function that logs what it gets. */
const listening = (trigger: string) =>
  `export default ${trigger.replace(/\)$/, ", (text, { log }) => log(text))")};`;

/** Publishes until a queue takes the message, because nothing reports when a deleted exchange is bound again. */
async function publishUntilRouted(
  { channel }: Broker,
  exchange: string,
  key: string,
  body: string,
  headers: Record<string, unknown> = {},
): Promise<void> {
  const content = Buffer.from(body);
  const deadline = performance.now() + 15_000;
  for (let returned = true; returned;) {
    assert.ok(performance.now() < deadline, `No queue takes what is published to ${exchange}`);
    returned = false;
    const onReturn = () => returned = true;
    channel.once("return", onReturn);
    channel.publish(exchange, key, content, { mandatory: true, headers });
    await channel.waitForConfirms();
    channel.off("return", onReturn);
  }
}

/** Deletes an exchange and declares another in its place, before the runtime does. */
async function remake({ connection }: Broker, exchange: string, type: string): Promise<void> {
  for (let isMade = false; !isMade;) {
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    await channel.deleteExchange(exchange);
    isMade = await channel.assertExchange(exchange, type).then(() => channel.close()).then(
      () => true,
      () => false,
    );
  }
}

testOnBroker(
  "A trigger is bound to an exchange that others declared with an alternate exchange, as auto-delete or as internal",
  async ({ broker }) => {
    const { channel } = broker;
    const unheard = { arguments: { "alternate-exchange": "unheard" } };
    await channel.assertExchange("orders", "topic", unheard);
    await channel.assertExchange("passing", "fanout", { durable: false, autoDelete: true });
    await channel.assertExchange("inner", "direct", { internal: true });
    await channel.assertExchange("outer", "fanout");
    await channel.bindExchange("inner", "outer", "");
    await using app = await runApp({
      functions: {
        orders: listening(
          `topic("orders", "order.*", { exchange: { arguments: { "alternate-exchange": "unheard" } } })`,
        ),
        passing: listening(`fanout("passing", { exchange: { durable: false, autoDelete: true } })`),
        inner: listening(`direct("inner", "", { exchange: { internal: true } })`),
        unheard: listening(`fanout("unheard")`),
      },
      broker,
    });
    assert.deepEqual(app.app.missing(), []);

    await broker.publish("orders", "order.placed", "heard");
    await broker.publish("orders", "other", "unheard");
    await broker.publish("passing", "", "passed");
    await broker.publish("outer", "", "fed");
    await app.events("handled", 4);

    const said = ["orders", "unheard", "passing", "inner"].map((name) => app.said(name));
    assert.deepEqual(said, [["heard"], ["unheard"], ["passed"], ["fed"]]);
  },
);

testOnBroker(
  "An exchange of a trigger that exists with other settings stops only its function, with what to write",
  async ({ broker }) => {
    const { channel } = broker;
    await channel.assertExchange("orders", "topic", { arguments: { "alternate-exchange": "unheard" } });
    await channel.assertExchange("passing", "fanout", { autoDelete: true });
    await channel.assertExchange("inner", "direct", { internal: true });
    await using app = await runApp({
      functions: {
        orders: listening(`topic("orders", "#")`),
        passing: listening(`fanout("passing")`),
        inner: listening(`direct("inner", "a")`),
        good: listening(`queue("good")`),
      },
      broker,
    });
    const why = (name: string) => app.seen("detached", { function: name })[0]!.error;

    assert.match(why("orders"), /Match it \(exchange: { arguments: { "alternate-exchange": "unheard" } }\)/);
    assert.match(why("passing"), /Match it \(exchange: { autoDelete: true }\)/);
    assert.match(why("inner"), /Match it \(exchange: { internal: true }\)/);
    await broker.send("good", "served");
    await app.event("handled", { function: "good" });
  },
);

testOnBroker("An exchange type that the broker does not know stops only its function", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      late: listening(
        `topic("late", "#", { exchange: { type: "x-nobody-knows", arguments: { "x-delayed-type": "topic" } } })`,
      ),
      emitter: `export default queue("emitter", { emits: { later: "x-nobody-knows" } }, () => {});`,
      good: listening(`queue("good")`),
    },
    broker,
  });

  for (const name of ["late", "emitter"]) {
    assert.equal(
      app.seen("detached", { function: name })[0]!.error,
      "The broker does not know the exchange type 'x-nobody-knows': enable its plugin there, or use another type",
    );
  }
  await broker.send("good", "served");
  await app.event("handled", { function: "good" });
  assert.deepEqual(app.seen("disconnected"), []);
  assert.equal(app.seen("connected", { connection: "consumers" }).length, 1);
});

Deno.test("An exchange of a plugin's type is declared and bound", {
  // The embedded broker does not have plugins.
  ignore: !rabbitmq || onEmbedded,
}, async () => {
  await using node = await startRabbitmq({ plugins: ["rabbitmq_consistent_hash_exchange"] });
  await using broker = await connectBroker(node.url);
  const exchange = `{ exchange: { type: "x-consistent-hash" } }`;
  await using app = await runApp({
    functions: {
      one: listening(`direct("shards", "1", ${exchange})`),
      two: listening(`direct("shards", "1", ${exchange})`),
    },
    broker,
    upkeepMs: 20,
  });
  assert.deepEqual(app.app.missing(), []);

  for (let i = 0; i < 20; i++) await broker.publish("shards", `${i}`, `${i}`);
  await app.events("handled", 20);

  assert.equal(app.said("one").length + app.said("two").length, 20);
  await takeAway(app, broker, "shards");
});

/** Deletes a function's exchange, and checks that the function gets messages again. */
async function takeAway(app: TestApp, broker: Broker, exchange: string): Promise<void> {
  await broker.channel.deleteExchange(exchange);
  const deadline = performance.now() + 15_000;
  while (!await exists(broker, exchange)) assert.ok(performance.now() < deadline, `${exchange} stays away`);
  await publishUntilRouted(broker, exchange, "1", "again");
  await app.event("log", { message: "again" });
}

async function exists({ connection }: Broker, exchange: string): Promise<boolean> {
  const channel = await connection.createChannel();
  channel.on("error", () => {});
  return await channel.checkExchange(exchange).then(() => channel.close()).then(() => true, () => false);
}

testOnBroker("A deleted exchange of a trigger is declared and bound again", async ({ broker }) => {
  await using app = await runApp({
    functions: { hears: listening(`topic("orders", "#")`) },
    broker,
    upkeepMs: 20,
  });
  await takeAway(app, broker, "orders");
});

testOnBroker(
  "An exchange that another program deleted and declared again is bound again",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        shared: listening(`topic("orders", "#")`),
        temporary: listening(`topic("orders", "#", { exclusive: true })`),
        other: listening(`queue("other")`),
      },
      broker,
      upkeepMs: 20,
    });
    await remake(broker, "orders", "topic");

    let count = 0;
    while (app.said("shared").length === 0 || app.said("temporary").length === 0) {
      await publishUntilRouted(broker, "orders", "order.placed", `${count++}`);
      await app.events("handled", 1);
      assert.ok(count < 1000, "One of them is never bound again");
    }
    assert.equal(app.seen("attached").length, 3, "each has kept its consumer");
  },
);

testOnBroker("A binding that another program removed is made again", async ({ broker }) => {
  await using app = await runApp({
    functions: { hears: listening(`headers("papers", { all: { format: "pdf" } })`) },
    broker,
    upkeepMs: 20,
  });
  await broker.channel.unbindQueue("hears", "papers", "", { "format": "pdf", "x-match": "all" });

  await publishUntilRouted(broker, "papers", "", "heard", { format: "pdf" });
  await app.event("handled");
});

testOnBroker(
  "An exchange that was declared again with other settings is reported once, and stops no other function",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { hears: listening(`topic("orders", "#")`), bound: listening(`fanout("logs")`) },
      broker,
      upkeepMs: 20,
    });
    await remake(broker, "orders", "fanout");
    await remake(broker, "logs", "fanout");

    const { message } = await app.event("notice");
    assert.match(
      message,
      /^hears may get nothing any more: Exchange 'orders' exists with other settings: 'type' is fanout/,
    );
    await publishUntilRouted(broker, "logs", "", "still bound");
    await app.event("log", { message: "still bound" });
    await broker.send("hears", "still attached");
    await app.event("log", { message: "still attached" });
    assert.equal(app.seen("notice").length, 1);
  },
);
