/** The circuit breaker: a function is paused while all its runs fail, because a service that it needs is down. */

import assert from "node:assert/strict";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** Fails until the service that it needs is back. */
const dependent = (options: string) =>
  `export default queue("q", ${options}, (body, { call }) => call("dependency"));`;
const comeBack = (broker: Broker) => broker.serve("dependency");

const often = "{ failures: 5, of: 8, probe: 20, most: 40 }";

testOnBroker(
  "A function whose runs all fail is paused, probed with one message at growing intervals, and resumed by a success",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: dependent(`{ pause: ${often}, retry: { delay: 10, attempts: 100, factor: 1 } }`) },
      broker,
    });

    await Promise.all(Array.from({ length: 200 }, (_, i) => broker.send("q", `${i}`)));
    const paused = await app.events("paused", 4);
    assert.deepEqual(app.app.paused(), ["f: paused, because 5 of its latest runs failed"]);
    assert.deepEqual(app.app.missing(), [], "no restart would mend it");
    const failedInAll = app.seen("failed").length;
    await comeBack(broker);
    await app.event("resumed");
    await app.events("handled", 200);

    assert.ok(paused.every(({ failures, probeMs }) => failures === 5 && probeMs >= 10 && probeMs <= 40));
    assert.ok(failedInAll < 50, `${failedInAll} runs of 200 messages failed before`);
    assert.equal(app.seen("dead-lettered").length, 0);
    assert.deepEqual(app.app.missing(), []);
    assert.equal(await broker.waiting("q"), 0);
  },
);

testOnBroker("During an outage hardly any message is dead-lettered", async ({ broker }) => {
  await using app = await runApp({
    functions: { f: dependent(`{ pause: ${often}, retry: { delay: 1, attempts: 2 } }`) },
    broker,
  });

  const count = 1000;
  await Promise.all(Array.from({ length: count }, (_, i) => broker.send("q", `${i}`)));
  await app.events("paused", 10);
  await comeBack(broker);
  await app.event("resumed");
  const dead = () => app.seen("dead-lettered").length;
  // A probe that failed just before may still be moving.
  while (app.seen("handled").length + dead() < count) {
    await app.events("handled", app.seen("handled").length + 1);
  }

  assert.ok(dead() <= count / 100, `${dead()} of ${count}`);
});

testOnBroker(
  "With 'pause: false', or when messages are rejected, a function is not paused",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        never:
          `export default queue("never", { pause: false, retry: false }, () => { throw new Error("No"); });`,
        reject: `export default queue("reject", () => { throw new Reject("Can never work"); });`,
      },
      broker,
    });

    for (let i = 0; i < 100; i++) {
      await broker.send("never", `${i}`);
      await broker.send("reject", `${i}`);
    }
    await app.events("dead-lettered", 200);

    assert.deepEqual(app.seen("paused"), []);
  },
);

testOnBroker("An rpc is never paused, because its callers get the errors", async ({ broker }) => {
  await using app = await runApp({
    functions: { f: `export default rpc("fail", () => { throw new RpcError("NO"); });` },
    broker,
  });

  for (let i = 0; i < 100; i++) await broker.send("fail", `${i}`);
  await app.events("failed", 100);

  assert.deepEqual(app.seen("paused"), []);
});

testOnBroker(
  "The messages of a paused function wait in its queue, where other consumers can take them",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: dependent(`{ pause: { failures: 1, probe: "1m" }, retry: { delay: "1m" } }`) },
      broker,
    });

    await broker.send("q", "a");
    await app.event("paused");
    await broker.send("q", "b");

    assert.equal(`${(await broker.next("q")).content}`, "b");
  },
);

testOnBroker("A paused app stops at once", async ({ broker }) => {
  const app = await runApp({
    functions: {
      f: dependent(`{ pause: { failures: 1, probe: "1h", most: "1h" }, retry: { delay: "1m" } }`),
    },
    broker,
  });

  await broker.send("q", "a");
  await app.event("paused");
  await app[Symbol.asyncDispose]();

  assert.ok(app.seen("drained")[0]!.seconds < 5);
});
