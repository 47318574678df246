/** A function that handles dead letters: each of its runs sees why the message failed. */

import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { hopperCommand } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const functions = {
  orders:
    `export default topic("shop", "order.*", { queue: "orders", retry: { attempts: 2, delay: 5 } }, () => {
    throw new Error("Out of stock");
  });`,
  undertaker: `const retry = { attempts: 3, delay: 5 };
  export default queue("orders.dead", { retry, pause: false }, (_, { log, attempt, message }) => {
    const { headers, exchange, routingKey } = message;
    log("run", { attempt, exchange, routingKey, headers: JSON.parse(JSON.stringify(headers)) });
    throw new TypeError("No spade");
  });`,
};

testOnBroker(
  "A handler of dead letters sees the same error, attempts and origin on its second run as on its first",
  async ({ broker }) => {
    await using app = await runApp({ functions, broker });
    const replay = async () => {
      const args = ["dead", "replay", "orders.dead.dead", "--yes"];
      const { code, stderr } = await hopperCommand(args, { broker: broker.url });
      assert.equal(code, 0, stderr);
    };
    const seen = async (count: number) =>
      (await app.events("log", count, { function: "undertaker" })).map(({ data }) => data!);

    await broker.publish("shop", "order.new", "a", { messageId: "m1", headers: { tenant: "a" } });
    await app.event("dead-lettered", { function: "undertaker" });

    const [first, ...later] = await seen(3);
    const { "x-hopper-failed-at": _, "x-hopper-error-at": __, ...headers } = first!.headers as Record<
      string,
      unknown
    >;
    assert.deepEqual({ ...first, headers }, {
      attempt: 1,
      exchange: "",
      routingKey: "orders.dead",
      headers: {
        tenant: "a",
        "x-hopper-error": "Error: Out of stock",
        "x-hopper-attempts": 2,
        "x-hopper-function": "orders",
        "x-hopper-source": "shop:order.new",
        "x-hopper-exchange": "shop",
        "x-hopper-routing-key": "order.new",
      },
    });
    assert.deepEqual(later, [2, 3].map((attempt) => ({ ...first, attempt })));

    await replay();
    await app.events("dead-lettered", 2, { function: "undertaker" });
    const replayed = { ...first!.headers as object, "x-hopper-replays": 1 };
    assert.deepEqual(
      (await seen(6)).slice(3),
      [1, 2, 3].map((attempt) => ({ ...first, attempt, headers: replayed })),
    );

    const { properties } = await broker.next("orders.dead.dead");
    const { "x-hopper-earlier": earlier, ...now } = properties.headers!;
    assert.equal(now["x-hopper-error"], "TypeError: No spade");
    assert.equal(now["x-hopper-replays"], 1);
    assert.equal(earlier["x-hopper-error"], "Error: Out of stock", "what failed at first is kept");
  },
);

testOnBroker(
  "The attempts of a dead letter's handler begin at 1, even if the message was replayed before",
  async ({ broker }) => {
    await using app = await runApp({ functions: { orders: functions.orders }, broker });
    await broker.publish("shop", "order.new", "a", { messageId: "m1" });
    await app.event("dead-lettered");
    const { code, stderr } = await hopperCommand(["dead", "replay", "orders", "m1"], { broker: broker.url });
    assert.equal(code, 0, stderr);
    await app.events("dead-lettered", 2);

    await using other = await runApp({ functions: { undertaker: functions.undertaker }, broker });
    await other.event("dead-lettered");

    const runs = other.seen("log").map(({ data }) => data!);
    assert.deepEqual(runs.map(({ attempt, routingKey }) => [attempt, routingKey]), [
      [1, "orders.dead"],
      [2, "orders.dead"],
      [3, "orders.dead"],
    ]);
    for (const { headers } of runs) assert.deepEqual(headers, runs[0]!.headers);
  },
);

testOnBroker("Headers that a sender gave Hopper's names are there on every run", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { retry: { attempts: 3, delay: 5 } }, (_, { log, message }) => {
        log("run", JSON.parse(JSON.stringify(message.headers)));
        throw new Error("No");
      });`,
    },
    broker,
  });
  const headers = { "x-hopper-attempts": 7, "x-hopper-error": "theirs", "x-hopper-earlier": { a: 1 } };

  await broker.send("q", "a", { headers });
  await app.event("dead-lettered");

  assert.deepEqual(app.seen("log").map(({ data }) => data), [headers, headers, headers]);
});
