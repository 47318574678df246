/** Events that nobody may hear: functions publish them whoever else is deployed. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** A function that publishes an event for each message. */
const place = (options = "{}", more = "") =>
  `export default queue("place", ${options}, async (order, ctx) => {
    await ctx.publish("orders", "order.created", order${more});
  });`;

/** Where a function runs: its events are the same. */
const hosts = [["in a process of its own", {}], ["inline", { defaults: { isolate: "inline" } }]] as const;

for (const [where, config] of hosts) {
  testOnBroker(
    `Without 'emits' an event that nobody hears is an error that names both ways, ${where}`,
    async ({ broker }) => {
      await using app = await runApp({ functions: { place: place() }, config, broker });
      const ways =
        `where nobody has to hear it, write in the function's file: emits: { "orders": "topic" }, with the exchange's ` +
        "type, or publish with { mandatory: false }";

      await broker.send("place", "1", { messageId: "m1" });
      const missing = await app.event("failed", { messageId: "m1" });
      assert.equal(
        missing.error,
        "NoSuchExchange: No exchange 'orders': start the function that declares it, or check the name; " +
          ways,
      );

      await broker.channel.assertExchange("orders", "topic");
      await broker.send("place", "1", { messageId: "m2" });
      const unrouted = await app.event("failed", { messageId: "m2" });
      assert.equal(
        unrouted.error,
        "Unroutable: No queue is bound to exchange 'orders' for key 'order.created': the message was returned; " +
          ways,
      );
      assert.deepEqual(app.app.unrouted(), []);
    },
  );

  testOnBroker(
    `With 'emits' it is counted and no error, and is heard as soon as somebody listens, ${where}`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: { place: place(`{ emits: { orders: "topic" } }`) },
        config,
        broker,
      });

      for (const order of ["1", "2"]) await broker.send("place", order);
      await app.events("handled", 2);
      const { routingKey, exchange } = await app.event("unrouted", { function: "place", count: 1 });
      assert.deepEqual([exchange, routingKey], ["orders", "order.created"]);
      assert.deepEqual(app.seen("unrouted").map(({ count }) => count), [1, 2]);
      assert.deepEqual(app.app.unrouted(), ["place: 2 to exchange 'orders'"]);

      await using _hears = await runApp({
        functions: { mail: `export default topic("orders", "order.*", () => {});` },
        broker,
      });
      await broker.send("place", "3");
      await _hears.event("handled", { function: "mail" });
      assert.equal(app.seen("unrouted").length, 2);
    },
  );

  testOnBroker(
    `'mandatory: false' is the same for one publish, whether there is such an exchange or not, ${where}`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: {
          place: place("{}", `, { mandatory: false }`),
          send:
            `export default queue("send", (order, ctx) => ctx.send("nowhere", order, { mandatory: false }));`,
        },
        config,
        broker,
      });

      await broker.send("place", "1");
      await app.event("handled", { function: "place" });
      await broker.channel.assertExchange("orders", "topic");
      await broker.send("place", "2");
      await broker.send("send", "3");
      await app.events("handled", 3);

      assert.deepEqual(app.app.unrouted().toSorted(), [
        "place: 2 to exchange 'orders'",
        "send: 1 to the default exchange",
      ]);
      assert.deepEqual(app.seen("failed"), []);
    },
  );

  testOnBroker(
    `'mandatory: true' asks for the error where 'emits' does not, ${where}`,
    async ({ broker }) => {
      await using app = await runApp({
        functions: { place: place(`{ emits: { orders: "topic" } }`, `, { mandatory: true }`) },
        config,
        broker,
      });
      await broker.send("place", "1");
      assert.match((await app.event("failed")).error, /^Unroutable: /);
    },
  );
}

testOnBroker("What a handler returns may go to an exchange that nobody listens to", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      place: `export default queue("place", {
        emits: { orders: { type: "fanout", durable: false } },
        publish: { exchange: "orders" },
      }, (order) => order);`,
    },
    broker,
  });

  await broker.send("place", "1");
  await app.event("handled");
  assert.deepEqual(app.app.unrouted(), ["place: 1 to exchange 'orders'"]);
});

testOnBroker(
  "An exchange that is emitted to is declared as the file says, before the first message",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        place: `export default queue("place", { durable: false, emits: {
        orders: { type: "topic", arguments: { "alternate-exchange": "unheard" } },
        passing: { type: "fanout", durable: false, autoDelete: true },
      } }, (order, ctx) => ctx.publish("orders", "a", order));`,
        unheard: `export default fanout("unheard", (order, { log }) => log(order));`,
      },
      broker,
    });
    assert.deepEqual(app.app.missing(), []);

    await broker.channel.assertExchange("orders", "topic", {
      arguments: { "alternate-exchange": "unheard" },
    });
    await broker.channel.assertExchange("passing", "fanout", { durable: false, autoDelete: true });
    await broker.send("place", "heard by the alternate");
    await app.event("log", { message: "heard by the alternate" });
    assert.deepEqual(app.app.unrouted(), []);
  },
);

testOnBroker(
  "An exchange that was deleted meanwhile is declared again by the next event",
  async ({ broker }) => {
    await using app = await runApp({ functions: { place: place(`{ emits: { orders: "topic" } }`) }, broker });

    await broker.channel.deleteExchange("orders");
    await broker.send("place", "1");
    await app.event("handled");

    await broker.channel.checkExchange("orders");
    assert.deepEqual(app.app.unrouted(), ["place: 1 to exchange 'orders'"]);
    assert.deepEqual(app.seen("failed"), []);
  },
);

testOnBroker(
  "An exchange that exists with other settings stops its function alone, and the error says what to write",
  async ({ broker }) => {
    await broker.channel.assertExchange("orders", "fanout");
    await using app = await runApp({
      functions: {
        place: place(`{ emits: { orders: "topic" } }`),
        good: `export default queue("good", () => {});`,
      },
      broker,
    });

    assert.match(
      app.seen("detached", { function: "place" })[0]!.error,
      /^Exchange 'orders' exists with other settings: 'type' is fanout at the broker and topic here\. Match it \(emits: { "orders": { type: "fanout" } }\)/,
    );
    await broker.send("good", "1");
    await app.event("handled", { function: "good" });
  },
);

testOnBroker(
  "A file that emits to an exchange otherwise than a trigger is bound to it does not run",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        place: place(`{ emits: { orders: "fanout" } }`),
        mail: `export default topic("orders", "order.*", () => {});`,
      },
      broker,
    });

    const { message } = await app.event("problem");
    assert.match(
      message,
      /^Option 'emits': exchange 'orders' is declared as fanout here and otherwise by .*mail\.ts \(topic\)$/,
    );
    assert.deepEqual(app.seen("attached").map((event) => event.function), ["mail"]);
  },
);

testOnBroker(
  "A client's event that nobody hears is an error too, and none with 'mandatory: false'",
  async ({ broker }) => {
    await broker.channel.assertExchange("logs", "fanout");
    await using client = await connect(broker.url);

    await assert.rejects(client.publish("logs", "", "1"), {
      code: "UNROUTABLE",
      message: /; if no queue needs to take it, publish with { mandatory: false }$/,
    });
    await assert.rejects(client.publish("none", "", "1"), {
      code: "NO_SUCH_EXCHANGE",
      message: /; if no queue needs to take it, publish with { mandatory: false }$/,
    });
    await client.publish("logs", "", "1", { mandatory: false });
    await client.publish("none", "", "1", { mandatory: false });
    await client.send("nowhere", "1", { mandatory: false });
    await assert.rejects(client.publish("logs", "", "1", { mandatory: "no" as never }), {
      message: `Option 'mandatory' is "no"; expected true or false`,
    });
  },
);
