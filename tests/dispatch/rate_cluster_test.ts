/** A rate that all runtimes share: its tokens are messages at the broker. */

import assert from "node:assert/strict";
import { createEvents } from "../../runtime/core/ports/events.ts";
import { runApp, type TestApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";
import { untilWaiting } from "../support/until_waiting.ts";

const limited = (rate: string, by = "") =>
  `export default queue("q", { rate: { scope: "cluster", ${rate} } }, (_, { log }) =>
    log("ran", { at: performance.now(), by: "${by}" }));`;

/** When runs began. */
const began = (app: TestApp) =>
  app.seen("log").map(({ data }) => data!.at as number).toSorted((a, b) => a - b);

/** The most begins within so many milliseconds. */
function most(times: readonly number[], ms: number): number {
  return Math.max(...times.map((from, i) => times.slice(i).filter((at) => at < from + ms).length));
}

testOnBroker("Runtimes share a rate: together they begin no more runs than it allows", async ({ broker }) => {
  const rate = 'limit: 20, per: "1s", burst: 4';
  const events = createEvents();
  await using app = await runApp({ functions: { f: limited(rate, "one") }, broker, events });
  await using _other = await runApp({ functions: { f: limited(rate, "other") }, broker, events });

  await Promise.all(Array.from({ length: 24 }, (_, i) => broker.send("q", `${i}`)));
  await app.events("log", 24);
  const times = began(app);

  // A round of the four tokens takes 200 ms. The runtimes note a run a little after its token is used.
  assert.ok(most(times, 190) <= 4, `${most(times, 190)} runs within 190 ms`);
  assert.ok(times.at(-1)! - times[0]! >= 990, `${times.at(-1)! - times[0]!} ms`);
  assert.equal(new Set(app.seen("log").map(({ data }) => data!.by)).size, 2, "both have run some");
});

testOnBroker("Runtimes that start together make the tokens once", async ({ broker }) => {
  const functions = { f: limited('limit: 6, per: "1h", burst: 6') };
  const events = createEvents();
  const apps = await Promise.all(Array.from({ length: 4 }, () => runApp({ functions, broker, events })));
  try {
    await Promise.all(Array.from({ length: 30 }, (_, i) => broker.send("q", `${i}`)));
    await apps[0]!.events("handled", 6);
    // A used token is on its way when its run begins.
    while (await broker.waiting("q.rate.6.3600000.6.spent") < 6) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(await broker.waiting("q.rate.6.3600000.6"), 0);
    assert.equal(began(apps[0]!).length, 6);
  } finally {
    await Promise.all(apps.map((app) => app[Symbol.asyncDispose]()));
  }
});

testOnBroker("Tokens that a runtime made halfway, before it died, are made anew", async ({ broker }) => {
  const name = "q.rate.3.3600000.3";
  const functions = { f: limited('limit: 3, per: "1h", burst: 3') };
  {
    await using app = await runApp({ functions, broker });
    await broker.send("q", "0");
    await app.event("handled");
  }
  await broker.channel.purgeQueue(`${name}.full`);
  await broker.channel.purgeQueue(name);
  await broker.channel.purgeQueue(`${name}.spent`);
  await broker.send(name, "left over");

  await using app = await runApp({ functions, broker });
  await broker.send("q", "1");
  await app.event("attached");
  await untilWaiting(broker, `${name}.full`, (count) => count > 0);

  assert.equal(await broker.waiting(name), 0);
  assert.equal(await broker.waiting(`${name}.spent`), 3, "all count as just used");
});

testOnBroker("A runtime without messages holds no token", async ({ broker }) => {
  const functions = { f: limited('limit: 1, per: "200ms", burst: 1') };
  await using idle = await runApp({ functions, broker });
  await broker.send("q", "0");
  await idle.event("handled");
  await idle.app.operations.hold("f", true);
  await using busy = await runApp({ functions, broker });

  for (let i = 1; i <= 3; i++) await broker.send("q", `${i}`);
  await busy.events("handled", 3);

  assert.equal(idle.seen("handled").length, 1);
});

testOnBroker("A token that goes round does not grow", async ({ broker }) => {
  const name = "q.rate.1.100.1";
  await using app = await runApp({ functions: { f: limited('limit: 1, per: "100ms", burst: 1') }, broker });
  const sizeAfter = async (runs: number) => {
    const ran = app.seen("handled").length;
    for (let i = 0; i < runs; i++) await broker.send("q", `${i}`);
    await app.events("handled", ran + runs);
    let token = await broker.channel.get(name);
    while (!token) token = await broker.channel.get(name);
    broker.channel.reject(token, false);
    const deaths = token.properties.headers?.["x-death"] as unknown as { count: number }[];
    return { entries: deaths.length, rounds: deaths.map(({ count }) => count) };
  };

  const first = await sizeAfter(2);
  const later = await sizeAfter(5);

  assert.equal(first.entries, 2);
  assert.equal(later.entries, 2);
  assert.ok(later.rounds[0]! > first.rounds[0]!, "it is the same token");
});
