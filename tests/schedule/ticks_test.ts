/** Schedules as their functions see them: each time once, one after the other, by one runtime of several. */

import assert from "node:assert/strict";
import { runApp, type TestApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const everyMs = 200;
const logging = (options = "{}") =>
  `export default schedule("every ${everyMs}ms", ${options}, (tick, { log }) => log.info(tick.at.toISOString()));`;

/** The times of all ticks that were run, in order. */
const timesIn = (...apps: TestApp[]) =>
  apps.flatMap((app) => app.said("f")).map((text) => Date.parse(text)).toSorted((a, b) => a - b);

/** How far each time is from the one before it. */
const steps = (times: readonly number[]) => times.slice(1).map((time, i) => time - times[i]!);

testOnBroker("A schedule runs at each of its times, and knows the one before", async ({ broker }) => {
  const f = `export default schedule("every ${everyMs}ms", (tick, { log, message }) =>
    log.info(JSON.stringify([tick.at, tick.previous, tick.manual, message.id])));`;
  await using app = await runApp({ functions: { f }, broker });
  await app.events("handled", 5);

  const [first, ...others] = app.said("f").map((text) => JSON.parse(text));
  assert.equal(first[1], null);
  for (const [i, [at, previous, manual, id]] of others.entries()) {
    assert.equal(previous, [first, ...others][i][0]);
    assert.equal(Date.parse(at) - Date.parse(previous), everyMs);
    assert.deepEqual([manual, id], [false, `f@${at.replace(".000Z", "Z")}`]);
  }
});

testOnBroker("However many runtimes serve a schedule, each tick is run once", async ({ broker }) => {
  await using one = await runApp({ functions: { f: logging() }, broker });
  await using two = await runApp({ functions: { f: logging() }, broker });
  await using three = await runApp({ functions: { f: logging() }, broker });
  await one.events("handled", 12);

  assert.deepEqual(new Set(steps(timesIn(one, two, three))), new Set([everyMs]));
});

testOnBroker(
  "When the runtime that sends the ticks stops, another goes on without a gap",
  async ({ broker }) => {
    await using stack = new AsyncDisposableStack();
    const [first, second] = await (async () => {
      await using first = await runApp({ functions: { f: logging() }, broker });
      await first.events("handled", 3);
      const second = stack.use(await runApp({ functions: { f: logging() }, broker }));
      await first.events("handled", 5);
      return [first, second];
    })();
    await second.events("handled", 5);

    assert.deepEqual(new Set(steps(timesIn(first, second))), new Set([everyMs]));
  },
);

/** Handlers that take longer than the time to the next tick, and log when they began and ended. */
const slow = (options: string) =>
  `export default schedule("every ${everyMs}ms", ${options}, async (tick, { log }) => {
    const began = Date.now();
    await new Promise((resolve) => setTimeout(resolve, ${4 * everyMs}));
    log.info(JSON.stringify([began, Date.now()]));
  });`;

/** How many runs began before the one before them had ended. */
function atOnce(...apps: TestApp[]): number {
  const runs = apps.flatMap((app) => app.said("f")).map((text) => JSON.parse(text) as [number, number]);
  const inOrder = runs.toSorted(([a], [b]) => a - b);
  return inOrder.filter(([began], i) => i > 0 && began < inOrder[i - 1]![1]).length;
}

testOnBroker("A tick waits until the one before it has ended", async ({ broker }) => {
  await using one = await runApp({ functions: { f: slow("{}") }, broker });
  await using two = await runApp({ functions: { f: slow("{}") }, broker });
  await one.events("handled", 4);
  assert.equal(atOnce(one, two), 0);
});

testOnBroker(
  "A runtime that stops lets its tick end before another runs the next one",
  async ({ broker }) => {
    await using stack = new AsyncDisposableStack();
    const [first, second] = await (async () => {
      await using first = await runApp({ functions: { f: slow("{}") }, broker });
      const second = stack.use(await runApp({ functions: { f: slow("{}") }, broker }));
      await first.events("started", 2);
      return [first, second];
    })();
    await second.events("handled", 2);

    assert.equal(first.seen("started").length, first.seen("handled").length);
    assert.equal(atOnce(first, second), 0);
  },
);

testOnBroker(
  "A version of a schedule that is replaced lets its tick end before the next version runs one",
  async ({ broker }) => {
    await using app = await runApp({ functions: { f: slow("{}") }, broker, watch: {} });
    await app.events("started", 2);
    await app.write("f", slow(`{ timeout: "20s" }`));
    await app.event("deployed", { function: "f", change: "settings" });
    await app.events("handled", app.seen("handled").length + 3);
    assert.equal(atOnce(app), 0);
  },
);

testOnBroker("With overlap, ticks run at the same time", async ({ broker }) => {
  await using app = await runApp({ functions: { f: slow("{ overlap: true }") }, broker });
  await app.events("handled", 3);
  assert.ok(atOnce(app) >= 1);
});

testOnBroker(
  "A schedule that is replaced while it runs neither loses a tick nor runs one twice",
  async ({ broker }) => {
    await using app = await runApp({ functions: { f: logging() }, broker, watch: {} });
    const changes = [`{ timeout: "20s" }`, "{}", `{ timeout: "20s", overlap: true }`];
    for (const [i, options] of changes.entries()) {
      await app.events("handled", app.seen("handled").length + 3);
      await app.write("f", logging(options));
      await app.events("deployed", i + 1, { function: "f" });
    }
    await app.events("handled", app.seen("handled").length + 3);
    assert.deepEqual(new Set(steps(timesIn(app))), new Set([everyMs]));
  },
);

testOnBroker("A tick that fails is tried again, and then becomes a dead letter", async ({ broker }) => {
  const f = `export default schedule("every 1h", { retry: { attempts: 2, delay: 10 } }, () => {
    throw new Error("No paper");
  });`;
  await using app = await runApp({ functions: { f }, broker });
  await broker.send("f", JSON.stringify({ at: "2026-11-29T03:00:00Z", manual: true }));
  await app.event("dead-lettered");
  const dead = await broker.next("f.dead");
  assert.equal(app.seen("failed").length, 2);
  assert.match(String(dead.properties.headers?.["x-hopper-error"]), /No paper/);
});

testOnBroker("A message in a schedule's queue that is no tick becomes a dead letter", async ({ broker }) => {
  await using app = await runApp({
    functions: { f: `export default schedule("every 1h", () => {});` },
    broker,
  });
  await broker.send("f", "now, please");
  await app.event("dead-lettered");
  assert.match(app.seen("failed")[0]!.error, /Expected a tick, such as .*'hopper fire NAME' sends one/);
});

testOnBroker(
  "While an operator pauses a schedule it has no ticks, and it goes on when resumed",
  async ({ broker }) => {
    await using app = await runApp({ functions: { f: logging() }, broker });
    await app.events("handled", 2);
    await app.app.operations.hold("f", true);
    const before = timesIn(app).at(-1)!;
    // Longer than ticks are waited for.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    assert.equal(timesIn(app).at(-1), before);

    await app.app.operations.hold("f", false);
    await app.event("skipped", { function: "f" });
    assert.ok(await broker.waiting("f") < 5);
    await app.events("handled", app.seen("handled").length + 3);
    // A tick that was on its way when the function was paused may have waited for it.
    const after = timesIn(app).filter((time) => time > before + 3 * everyMs);
    assert.ok(after[0]! > before + 1_000, "those of the time between are not run");
    assert.deepEqual(new Set(steps(after)), new Set([everyMs]));
  },
);
