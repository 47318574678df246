/** Events that may reach no queue: functions publish them, whatever else is deployed. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** A function that publishes an event for each message. */
const place = (options = "{}", more = "") =>
  `export default queue("place", ${options}, async (order, ctx) => {
    await ctx.publish("orders", "order.created", order${more});
  });`;

/** Events are the same wherever a function runs. */
const hosts = [["in a process of its own", { defaults: { isolate: "process" } }], ["inline", {
  defaults: { isolate: "inline" },
}]] as const;

for (const [where, config] of hosts) {
  testOnBroker(
    `Without 'emits' an event that reaches no queue is an error that names both solutions, ${where}`,
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
    `With 'emits' an event that reaches no queue is counted and not an error, until a queue is bound, ${where}`,
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
    `With 'mandatory: false' one event may reach no queue, whether its exchange exists or not, ${where}`,
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
    `With 'mandatory: true' an event that reaches no queue is an error in spite of 'emits', ${where}`,
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

testOnBroker("A handler's result may go to an exchange of 'emits' without queues", async ({ broker }) => {
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
  "An exchange of 'emits' is declared by the file's settings before the first message",
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
  "A deleted exchange of 'emits' is declared again for the next event",
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
  "An exchange of 'emits' that exists with other settings stops only its function, with what to write",
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
  "A file whose 'emits' declares an exchange differently than a trigger does not run",
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
  "A client's event that reaches no queue is an error, except with 'mandatory: false'",
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
