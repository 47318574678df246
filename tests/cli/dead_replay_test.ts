import assert from "node:assert/strict";
import type { Broker } from "../support/amqp.ts";
import { runApp, type TestApp } from "../support/app.ts";
import { brokenShop, dead, deadJson, fail, mend, refused } from "../support/dead_letters.ts";
import { startCommand } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker(
  "The command 'dead replay' runs messages again as they were published, after the function is fixed",
  async ({ broker }) => {
    await using app = await brokenShop(broker);
    await fail(app, broker, 3);

    assert.equal(await dead(broker, "replay", "orders"), "3 would be replayed; add --yes to do it\n");
    assert.deepEqual(await deadJson(broker, "replay", "orders", "--max", "2"), [{ wouldReplay: 2 }]);
    assert.equal(await broker.waiting("orders.dead"), 3);

    await dead(broker, "replay", "orders", "m2");
    await app.event("failed", { messageId: "m2", attempt: 1 });
    await app.events("dead-lettered", 2, { messageId: "m2" });
    const replayed = (await deadJson(broker, "show", "orders", "m2"))[0];
    assert.equal(replayed.replays, 1);
    assert.equal(replayed.source, "shop:order.new");
    assert.equal(replayed.attempts, 1, "its runs count from the beginning");

    await mend(broker);
    assert.deepEqual(await deadJson(broker, "replay", "orders", "--yes", "--max", "1"), [
      { replayed: 1, interrupted: false },
    ]);
    await app.event("handled", { messageId: "m1" });
    assert.equal(await dead(broker, "replay", "orders", "--yes"), "2 replayed\n");
    await app.events("handled", 3);

    assert.equal(await broker.waiting("orders.dead"), 0);
    const seen = new Set(app.seen("log").map(({ message, data }) => JSON.stringify({ message, ...data })));
    assert.deepEqual(
      [...seen].sort(),
      ["m1", "m2", "m3"].map((message) => JSON.stringify({ message, exchange: "shop", key: "order.new" })),
    );
  },
);

testOnBroker("The command 'dead replay' sends a message only to its original queue", async ({ broker }) => {
  for (const queue of ["orders", "orders.dead", "bank"]) await broker.channel.assertQueue(queue);
  await broker.send("orders.dead", "forged", {
    messageId: "m1",
    CC: ["bank"],
    headers: { "x-hopper-exchange": "", "x-hopper-routing-key": "bank", "x-hopper-source": ":bank" },
  });
  // RabbitMQ sent a copy when the message was published; the test is about the replay.
  await broker.channel.purgeQueue("bank");

  await dead(broker, "replay", "orders", "--yes");

  assert.equal(await broker.waiting("bank"), 0);
  assert.equal((await broker.next("orders")).properties.messageId, "m1");
});

/** An app whose function `log.watch` has its own queue in each instance, and fails until the test fixes it. */
function brokenWatch(broker: Broker): Promise<TestApp> {
  return runApp({
    functions: {
      "log/watch": `export default topic("logs", "app.*", { exclusive: true, retry: false, pause: false },
        async (_, { message, log, call }) => {
          log(message.id, { exchange: message.exchange, key: message.routingKey, headers: { ...message.headers } });
          if (!await call("stock").then(() => true, () => false)) throw new Error("No");
        });`,
    },
    broker,
  });
}

testOnBroker(
  "The command 'dead replay' sends an exclusive function's messages to their exchange, because their queue is gone",
  async ({ broker }) => {
    const before = await brokenWatch(broker);
    for (const id of ["m1", "m2"]) {
      await broker.publish("logs", "app.new", id, { messageId: id, headers: { tenant: "a" } });
    }
    await before.events("dead-lettered", 2);
    await before[Symbol.asyncDispose]();
    assert.match(await refused(broker, "replay", "log.watch", "--yes"), /nothing was sent|no queue/i);
    assert.equal(await broker.waiting("log.watch.dead"), 2, "nobody is there to take them");

    await using app = await brokenWatch(broker);
    assert.equal(await dead(broker, "replay", "log.watch", "m1"), "1 replayed\n");
    await app.event("dead-lettered", { messageId: "m1" });
    await mend(broker);
    assert.equal(await dead(broker, "replay", "log.watch", "--yes"), "2 replayed\n");
    await app.events("handled", 2);

    assert.equal(await broker.waiting("log.watch.dead"), 0);
    const seen = app.seen("log").map((
      { message, data },
    ) => [message, data!.exchange, data!.key, data!.headers]);
    const headers = (replays: number) => ({ tenant: "a", "x-hopper-replays": replays });
    assert.deepEqual(seen, [
      ["m1", "logs", "app.new", headers(1)],
      ["m2", "logs", "app.new", headers(1)],
      ["m1", "logs", "app.new", headers(2)],
    ]);
  },
);

testOnBroker(
  "The command 'dead replay' keeps dead letters if their original queue is gone",
  async ({ broker }) => {
    await broker.channel.assertQueue("gone.dead");
    await broker.send("gone.dead", "a", { messageId: "m1" });

    assert.match(
      await refused(broker, "replay", "gone", "--yes"),
      /^hopper: No queue 'gone': nothing was sent/,
    );
    assert.equal(await broker.waiting("gone.dead"), 1);
  },
);

/** Begins to replay many dead letters, sends the signal when some have arrived, and returns where each id is then. */
async function interrupt(broker: Broker, signal: Deno.Signal) {
  const count = 2000;
  const ids = Array.from({ length: count }, (_, i) => `m${i}`);
  for (const queue of ["orders", "orders.dead"]) await broker.channel.assertQueue(queue);
  await Promise.all(ids.map((id) => broker.send("orders.dead", id, { messageId: id, persistent: true })));

  const flags = ["--broker", broker.url, "--max", `${count}`, "--yes", "--json"];
  await using replay = startCommand(["dead", "replay", "orders", ...flags], {});
  const arrived = await broker.take("orders", 50);
  replay.signal(signal);
  const exit = await replay.exit();

  const take = async (queue: string) => await broker.take(queue, await broker.waiting(queue));
  const idsOf = (messages: typeof arrived) =>
    messages.map(({ properties }) => properties.messageId as string);
  const replayed = idsOf([...arrived, ...await take("orders")]);
  const kept = idsOf(await take("orders.dead"));
  return { exit, ids, replayed, kept };
}

testOnBroker(
  "After SIGINT to 'dead replay' each message is in exactly one queue",
  async ({ broker }) => {
    const { exit, ids, replayed, kept } = await interrupt(broker, "SIGINT");

    assert.deepEqual(JSON.parse(exit.stdout), { replayed: replayed.length, interrupted: true });
    assert.equal(exit.code, 0, exit.stderr);
    assert.ok(replayed.length < ids.length, "it was interrupted");
    assert.deepEqual([...replayed, ...kept], ids, "in the order they had");
  },
);

testOnBroker(
  "After SIGKILL to 'dead replay' no message is lost, and at most one is in both queues",
  async ({ broker }) => {
    const { ids, replayed, kept } = await interrupt(broker, "SIGKILL");

    assert.ok(replayed.length < ids.length, "it was killed before its end");
    assert.deepEqual(new Set([...replayed, ...kept]), new Set(ids));
    assert.ok(replayed.length + kept.length <= ids.length + 1);
  },
);
