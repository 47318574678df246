/** Functions with queues and exchanges that others own. */

import assert from "node:assert/strict";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { onEmbedded, withVhost } from "../support/rabbitmq.ts";
import { withUser } from "../support/user.ts";
import { rabbitmq, testOnBroker, testOnRabbitmq } from "../support/test_on_broker.ts";

/** A function that fails for as long as its message says. */
const orders = `export default queue("orders", { declare: "passive", retry: { attempts: 2, delay: 20 } },
  (order, { log, attempt }) => {
    log(\`\${order} \${attempt}\`);
    if (order === "bad" || order === "late" && attempt === 1) throw new Error("Not now");
  });`;

/** What the owner must declare for it, as in docs/functions.md. */
async function own({ channel }: Broker, name = "orders"): Promise<void> {
  await channel.assertQueue(name);
  await channel.assertQueue(`${name}.dead`);
  await channel.assertQueue(`${name}.retry.20`, {
    arguments: {
      "x-message-ttl": 20,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": name,
    },
  });
}

/** Sends messages that succeed at once, at the second run, and never. */
async function sendAll(broker: Broker): Promise<void> {
  for (const order of ["good", "late", "bad"]) await broker.send("orders", order, { messageId: order });
}

testOnBroker(
  "A passive function handles, retries and dead-letters messages in queues that others declared",
  async ({ broker }) => {
    await own(broker);
    await using app = await runApp({ functions: { orders }, broker });

    await sendAll(broker);
    await app.events("handled", 2);
    await app.event("dead-lettered", { messageId: "bad" });

    assert.deepEqual(app.said("orders").toSorted(), ["bad 1", "bad 2", "good 1", "late 1", "late 2"]);
    assert.equal((await broker.next("orders.dead")).properties.headers!["x-hopper-attempts"], 2);
  },
);

Deno.test("A passive function works with a user who has no configure permission", {
  // The embedded broker has one user, who may do everything.
  ignore: !rabbitmq || onEmbedded,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await own(broker);
  const rights = { configure: "^$", write: "^amq\\.default$", read: "^orders$" };
  await using user = await withUser(rabbitmq!, vhost, rights);
  await using app = await runApp({
    functions: {
      orders,
      own: `export default queue("own", () => {});`,
      "called": `export default rpc("called", { declare: "passive" }, () => 1);`,
    },
    broker: user.url,
  });

  await sendAll(broker);
  await app.events("handled", 2);
  await app.event("dead-lettered", { messageId: "bad" });

  assert.equal(await broker.waiting("orders.dead"), 1);
  const { error } = await app.event("detached", { function: "own" });
  assert.match(
    error,
    /^The broker gives no permission: .*; give this user .*, write declare: "passive" if others own it/,
  );
  assert.equal(await vhost.inspect("queues", "own"), undefined);
});

testOnRabbitmq(
  "A passive function whose user may not read its queue is reported with the missing permission",
  async ({ broker, vhost }) => {
    await own(broker);
    await using user = await withUser(rabbitmq!, vhost, { configure: "^$", write: "^$", read: "^$" });
    await using app = await runApp({ functions: { orders }, broker: user.url });

    assert.match(
      app.seen("detached", { function: "orders" })[0]!.error,
      /^The broker gives no permission: ACCESS_REFUSED .*queue 'orders'.*; give this user read permission for the queue$/,
    );
  },
);

testOnBroker(
  "A missing queue or exchange of a passive function is reported with all that its owner must declare",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("audit");
    await broker.channel.assertQueue("audit.dead");
    await using app = await runApp({
      functions: {
        audit:
          `export default topic("orders", "order.*", { declare: "passive", retry: { attempts: 2, delay: 20 } },
        () => {});`,
        tasks:
          `export default queue("tasks", { declare: "passive", arguments: { "x-max-length": 5 } }, () => {});`,
        good: `export default queue("good", () => {});`,
      },
      broker,
    });
    const why = (name: string) => app.seen("detached", { function: name })[0]!.error;
    const needs =
      `Its owner has to make: exchange 'orders' (topic); queue 'audit'; a binding of queue 'audit' to ` +
      `'orders' with key 'order.*'; queue 'audit.retry.20' (arguments: {"x-message-ttl":20,` +
      `"x-dead-letter-exchange":"","x-dead-letter-routing-key":"audit"}); queue 'audit.dead'. `;

    assert.equal(
      why("audit"),
      `Exchange 'orders' does not exist, and with declare: "passive" nothing is declared. ${needs}` +
        "To need fewer, write retry: false (no retry queues) or deadLetter: false (none for dead letters)",
    );
    assert.match(
      why("tasks"),
      /^Queue 'tasks' does not exist, .* queue 'tasks' \(arguments: {"x-max-length":5}\); /,
    );
    assert.deepEqual(app.app.missing().map((line) => line.split(":")[0]), ["audit", "tasks"]);
    assert.equal(await vhost.inspect("queues", "tasks"), undefined);

    await broker.channel.assertExchange("orders", "topic");
    await using later = await runApp({
      functions: {
        audit:
          `export default topic("orders", "order.*", { declare: "passive", retry: { attempts: 2, delay: 20 } },
        () => {});`,
      },
      broker,
    });
    assert.match(later.seen("detached")[0]!.error, /^Queue 'audit\.retry\.20' does not exist, /);
  },
);

testOnBroker("A passive function neither makes nor removes bindings", async ({ broker }) => {
  await broker.channel.assertExchange("orders", "topic");
  await own(broker, "audit");
  await broker.channel.bindQueue("audit", "orders", "order.paid");
  await using app = await runApp({
    functions: {
      audit:
        `export default topic("orders", "order.#", { declare: "passive", retry: { attempts: 2, delay: 20 } },
        (_, { message, log }) => log(message.routingKey));`,
    },
    broker,
    upkeepMs: 20,
    watch: {},
  });

  await broker.publish("orders", "order.placed", "1");
  await broker.publish("orders", "order.paid", "2");
  await app.event("handled");
  assert.deepEqual(app.said("audit"), ["order.paid"]);

  await app.write(
    "audit",
    `export default topic("orders", "other", { declare: "passive", retry: { attempts: 2, delay: 20 }, prefetch: 1 },
      (_, { message, log }) => log(message.routingKey));`,
  );
  await app.event("deployed", { function: "audit", change: "settings" });
  await broker.publish("orders", "order.paid", "3");
  await app.events("handled", 2);
  assert.deepEqual(app.said("audit"), ["order.paid", "order.paid"]);
});

testOnBroker(
  "If a passive function has no retry queue for a wait, the message is dead-lettered with that reason",
  async ({ broker, vhost }) => {
    await own(broker);
    await using app = await runApp({
      functions: {
        orders: `export default queue("orders", { declare: "passive", retry: { attempts: 2, delay: 20 } },
        () => { throw new Retry({ after: "10s" }); });`,
      },
      broker,
    });

    await broker.send("orders", "1", { messageId: "m1" });
    const { error } = await app.event("dead-lettered", { messageId: "m1" });

    assert.match(
      error,
      /\(not run again: Queue 'orders\.retry\.10000' does not exist, and with declare: "passive" Hopper declares none; its owner has to declare queue 'orders\.retry\.10000' \(arguments: {.*"x-dead-letter-routing-key":"orders"}\)\)$/,
    );
    assert.equal(await vhost.inspect("queues", "orders.retry.10000"), undefined);
  },
);

testOnBroker(
  "If a passive function's queue of dead letters is deleted, a failed message stays until it exists again",
  async ({ broker, vhost }) => {
    await own(broker);
    await using app = await runApp({ functions: { orders }, broker, isolate: "process" });
    await broker.channel.deleteQueue("orders.dead");

    await broker.send("orders", "bad", { messageId: "bad" });
    const { message } = await app.event("notice");
    assert.match(
      message,
      /a message waits to be moved to orders\.dead: .*Queue 'orders\.dead' does not exist, .*"passive"/,
    );
    assert.equal(await vhost.inspect("queues", "orders.dead"), undefined);

    await own(broker);
    await app.event("dead-lettered", { messageId: "bad" });
  },
);

Deno.test("A passive function refuses a stream before it takes a message", {
  // The embedded broker does not have streams.
  ignore: !rabbitmq || onEmbedded,
}, async () => {
  await using vhost = await withVhost(rabbitmq!);
  await using broker = await connectBroker(vhost.url);
  await broker.channel.assertQueue("past", { arguments: { "x-queue-type": "stream" } });
  const options = `{ declare: "passive", retry: false, deadLetter: false }`;
  await using app = await runApp({
    functions: {
      past: `export default queue("past", ${options}, () => {});`,
      unacknowledged: `export default queue("past", { declare: "passive", ack: "none" }, () => {});`,
      declared: `export default queue("past", { queueType: "classic" }, () => {});`,
      good: `export default queue("good", () => {});`,
    },
    broker,
  });

  await broker.send("good", "1");
  await app.event("handled", { function: "good" });
  for (const name of ["past", "unacknowledged", "declared"]) {
    assert.equal(
      app.seen("detached", { function: name })[0]!.error,
      'Queue \'past\' is a stream: write queue("past", { queueType: "stream" }, …), or use another queue',
    );
  }
  assert.deepEqual(app.seen("disconnected"), []);
});
