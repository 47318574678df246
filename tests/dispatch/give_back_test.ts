/** A quorum queue drops a message that came back too often. Messages that Hopper gives back are not lost by that. */

import assert from "node:assert/strict";
import type { Outcome } from "../../runtime/core/ports/outcome.ts";
import { PublishFailed } from "../../runtime/core/ports/amqp_errors.ts";
import { queue } from "../../runtime/mod.ts";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { delivery } from "../support/delivery.ts";
import { served } from "../support/served.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const orders = (args: Record<string, unknown> = {}) =>
  queue("orders", { queueType: "quorum", arguments: args }, () => {});
// An inline function's message is a suspect when it is redelivered.
const defaults = { isolate: "process" } as const;
const cannotStart = (): Outcome => ({ kind: "unavailable", error: new Error("No process") });
const returned = (times: number) =>
  delivery({
    routingKey: "orders",
    redelivered: times > 0,
    deliveredBefore: times,
    properties: { messageId: "m1" },
    headers: { mine: 1, "x-delivery-count": times },
  });

Deno.test("A message that is given back for the first time is requeued", async () => {
  using function_ = served(orders(), { run: cannotStart, defaults });
  const first = returned(0);
  await function_.run(first);

  assert.equal(first.settled, "requeue");
  assert.deepEqual(function_.published, []);
});

Deno.test("A message that was given back before is moved to its queue unchanged, and no run is counted", async () => {
  using function_ = served(orders(), { run: cannotStart, defaults });
  const again = returned(1);
  await function_.run(again);

  assert.equal(again.settled, "ack");
  const [{ routingKey, properties }] = function_.published as [typeof function_.published[number]];
  assert.equal(routingKey, "orders.retry.1000");
  assert.equal(properties.messageId, "m1");
  assert.deepEqual({ ...properties.headers!.values }, {
    mine: 1,
    "x-hopper-delivery-mode": 0,
    "x-hopper-attempts": 0,
    "x-hopper-exchange": "shop",
    "x-hopper-routing-key": "orders",
  });
});

Deno.test("With a very low delivery limit, a message that is given back for the first time is moved", async () => {
  for (const [limit, how] of [[-1, "requeue"], [0, "ack"], [2, "ack"], [3, "requeue"]] as const) {
    using function_ = served(orders({ "x-delivery-limit": limit }), { run: cannotStart, defaults });
    const first = returned(0);
    await function_.run(first);

    assert.equal(first.settled, how);
    assert.equal(function_.published.length, how === "ack" ? 1 : 0);
  }
});

Deno.test("A suspect is requeued to the queue of suspects, whatever the delivery limit of the function's queue", async () => {
  const declaration = queue("orders", { arguments: { "x-delivery-limit": 0 } }, () => {});
  using function_ = served(declaration, { run: cannotStart, defaults: { isolate: "inline" } });
  const suspect = delivery({ properties: { messageId: "m1" }, headers: { "x-hopper-suspect": "12345678" } });
  await function_.runSuspect(suspect);

  assert.equal(suspect.settled, "requeue");
  assert.deepEqual(function_.published, []);
});

Deno.test("A message that cannot be moved is requeued", async () => {
  let tries = 0;
  const declareQueue = () => {
    tries++;
    return Promise.reject(new PublishFailed("", "", "It is in the way"));
  };
  const shortly = { ...defaults, consumerTimeout: 4000, timeout: 1000 };
  using function_ = served(orders(), { run: cannotStart, declareQueue, defaults: shortly });
  const again = returned(1);
  await function_.run(again);

  assert.equal(again.settled, "requeue");
  assert.ok(tries > 0);
});

Deno.test("A message of a queue without a delivery limit is requeued, which keeps its place", async () => {
  using function_ = served(queue("orders", () => {}), { run: cannotStart, defaults });
  const again = delivery({ redelivered: true, properties: { messageId: "m1" } });
  await function_.run(again);

  assert.equal(again.settled, "requeue");
});

const oneByOne = (args: string) => ({
  f: `export default queue("q", { queueType: "quorum", prefetch: 10, concurrency: 1, arguments: ${args} },
    async (text: string, { call }) => void await call("gate", text, { timeout: "1m" }));`,
});

/** Waits until the queue has this many messages. */
async function waiting(broker: Broker, count: number): Promise<void> {
  const until = performance.now() + 15_000;
  while (await broker.waiting("q") !== count && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(await broker.waiting("q"), count);
}

testOnBroker(
  "Messages that wait while a runtime stops are all handled, however often one stops",
  async ({ broker }) => {
    const texts = ["a", "b", "c", "d", "e"];
    await broker.occupy("gate");
    const handled: string[] = [];
    for (let left = texts.length - 1; left >= 0; left--) {
      const app = await runApp({ functions: oneByOne(`{ "x-delivery-limit": 2 }`), broker });
      if (handled.length === 0) { for (const text of texts) await broker.send("q", text); }
      const request = await broker.next("gate");
      await waiting(broker, 0);
      const stopping = app[Symbol.asyncDispose]();
      await waiting(broker, left);
      await broker.reply(request, "null");
      await stopping;
      handled.push(`${request.content}`);
      assert.equal(app.seen("handled").length, 1);
    }

    assert.deepEqual(handled.toSorted(), texts);
  },
);

testOnBroker(
  "A message that was redelivered ten times is moved before its queue can drop it",
  async ({ broker }) => {
    await broker.channel.assertQueue("q", { arguments: { "x-queue-type": "quorum" } });
    await broker.send("q", "much travelled", { messageId: "m1", headers: { mine: 1 } });
    const rejected = Promise.withResolvers<void>();
    let times = 0;
    await broker.channel.prefetch(1);
    const { consumerTag } = await broker.channel.consume("q", async (message) => {
      if (times === 10) await broker.channel.cancel(consumerTag);
      broker.channel.reject(message!, true);
      if (times++ === 10) rejected.resolve();
    });
    await rejected.promise;
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { queueType: "quorum" }, (_, { attempt, log, message }) => {
        log("run", { attempt, redelivered: message.redelivered, headers: message.headers });
      });`,
      },
      broker,
    });

    const { data } = await app.event("log");
    assert.deepEqual(data, { attempt: 1, redelivered: false, headers: { mine: 1 } });
  },
);

testOnBroker(
  "While a function's process cannot start, its message is kept, and no attempt is counted",
  async ({ broker }) => {
    let isDown = true;
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(isDown ? "down" : "up"),
    );
    const at = `127.0.0.1:${server.addr.port}`;
    await using app = await runApp({
      functions: {
        f: `const mayReach = Deno.permissions.querySync({ name: "net", host: "${at}" }).state === "granted";
        if (mayReach && await (await fetch("http://${at}/")).text() === "down") throw new Error("It is down");
        export default queue("q", {
          queueType: "quorum",
          arguments: { "x-delivery-limit": 1 },
          permissions: { net: ["${at}"] },
          pause: { probe: 20, most: 50 },
        }, () => {});`,
      },
      broker,
      isolate: "process",
    });
    await broker.send("q", "patient", { messageId: "m1" });
    await app.events("unavailable", 4);
    isDown = false;

    const { attempt, messageId } = await app.event("handled");
    assert.deepEqual([attempt, messageId], [1, "m1"]);
  },
);
