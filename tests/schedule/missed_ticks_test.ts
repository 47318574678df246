/** What becomes of the ticks that were due while no runtime was there. */

import assert from "node:assert/strict";
import type { Broker } from "../support/amqp.ts";
import { runApp, type TestApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** So long that hardly any test meets the end of one. */
const step = 6 * 3_600_000;
const source = (options = "{}", expression = "every 6h") =>
  `export default schedule("${expression}", ${options}, (tick, { log }) =>
    log.info(JSON.stringify([tick.at, tick.previous])));`;

/** The multiple of six hours that lies `count` of them before now. */
const before = (count: number) => (Math.floor(Date.now() / step) - count) * step;

/** Sets what the schedule's queue remembers, as if a runtime had been there until then. */
async function remember(broker: Broker, last: { at: number; recurrence?: string }): Promise<void> {
  {
    // It declares the queues.
    await using app = await runApp({ functions: { f: source() }, broker });
    await app.event("attached");
    await attended(broker);
  }
  await broker.channel.purgeQueue("f.schedule");
  const at = new Date(last.at).toISOString();
  const { recurrence = `every ${step} ms` } = last;
  await broker.send("f.schedule", JSON.stringify({ at, sent: at, recurrence }));
}

/** Waits until a runtime consumes the schedule's queue. */
async function attended(broker: Broker): Promise<void> {
  const late = performance.now() + 15_000;
  while (performance.now() < late) {
    const channel = await broker.connection.createChannel();
    channel.on("error", () => {});
    const found = await channel.checkQueue("f.schedule").catch(() => undefined);
    await channel.close().catch(() => {});
    if (found?.consumerCount) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("Nothing consumes 'f.schedule'");
}

const ticks = (app: TestApp) =>
  app.said("f").map((text) => JSON.parse(text).map((time: string) => Date.parse(time)));

testOnBroker("With catchUp 'once', the latest tick that was missed is run", async ({ broker }) => {
  await remember(broker, { at: before(3) });
  await using app = await runApp({ functions: { f: source(`{ catchUp: "once" }`) }, broker });
  await app.event("handled");
  assert.deepEqual(ticks(app)[0], [before(0), before(3)]);
});

testOnBroker("With catchUp 'all', each tick that was missed is run, the oldest first", async ({ broker }) => {
  await remember(broker, { at: before(3) });
  await using app = await runApp({ functions: { f: source(`{ catchUp: "all" }`) }, broker });
  await app.events("handled", 3);
  assert.deepEqual(ticks(app).slice(0, 3), [
    [before(2), before(3)],
    [before(1), before(2)],
    [before(0), before(1)],
  ]);
});

testOnBroker("With catchUp 'all', at most the latest 1,000 ticks are run", async ({ broker }) => {
  await remember(broker, { at: before(1_500) });
  await using app = await runApp({ functions: { f: source(`{ catchUp: "all" }`) }, broker });
  const { from, to, why } = await app.event("skipped");
  assert.deepEqual([Date.parse(from), Date.parse(to)], [before(1_499), before(1_000)]);
  assert.equal(why, "more than 1,000 were missed");
  await app.events("handled", 1_000, {}, 60_000);
  assert.equal(ticks(app)[0][0], before(999));
});

testOnBroker("With catchUp 'skip', no tick that was missed is run, and that is said", async ({ broker }) => {
  await remember(broker, { at: before(4) });
  await using app = await runApp({ functions: { f: source() }, broker });
  const skipped = await app.event("skipped");
  assert.equal(Date.parse(skipped.from), before(3));
  assert.match(skipped.why, /no runtime could run them in time/);
});

testOnBroker("A schedule whose line was changed begins anew", async ({ broker }) => {
  await remember(broker, { at: before(3), recurrence: "0 3 * * * UTC" });
  await using app = await runApp({
    functions: { f: source(`{ catchUp: "all" }`, "every 1s") },
    broker,
  });
  const began = Date.now();
  await app.events("handled", 2);
  const [[first, previous]] = ticks(app);
  assert.ok(first > began - 10_000, new Date(first).toISOString());
  assert.equal(previous, before(3), "though it knows what was run last");
  assert.deepEqual(app.seen("skipped"), []);
});

testOnBroker("A last tick of a clock that was wrong stops no schedule", async ({ broker }) => {
  await remember(broker, { at: before(-10_000), recurrence: "every 1000 ms" });
  await using app = await runApp({ functions: { f: source("{}", "every 1s") }, broker });
  await app.events("handled", 2);
  const notices = app.seen("notice").map(({ message }) => message);
  assert.match(
    notices.join("\n"),
    /f: its last tick was at 20\d\d-.*, which is still to come, as the clock was wrong/,
  );
});

testOnBroker(
  "A tick that waited until the next one was due is not run, unless catchUp is 'all'",
  async ({ broker }) => {
    await remember(broker, { at: Date.now() });
    const tick = (at: number) =>
      broker.publish("f.schedule", "", JSON.stringify({ at: new Date(at).toISOString(), manual: false }), {
        contentType: "application/json",
      });
    await tick(before(2));
    await tick(before(1));
    await using app = await runApp({ functions: { f: source(`{ catchUp: "once" }`) }, broker });
    const skipped = await app.events("skipped", 2);
    assert.deepEqual(skipped.map(({ from }) => Date.parse(from)), [before(2), before(1)]);
    assert.equal(await broker.waiting("f"), 0);
    assert.deepEqual(app.seen("started"), []);
  },
);

testOnBroker("A tick that is replayed is run, however old it is", async ({ broker }) => {
  const f = `export default schedule("every 6h", (tick, { log }) => {
    log.info(tick.at.toISOString());
    throw new Reject("Never");
  });`;
  await using app = await runApp({ functions: { f }, broker });
  await broker.send("f", JSON.stringify({ at: "2026-01-01T00:00:00Z", manual: false }), {
    contentType: "application/json",
  });
  await app.event("dead-lettered");
  await app.app.operations.queues.replay("f.dead", undefined);
  await app.events("dead-lettered", 2);
  assert.deepEqual(app.said("f"), ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]);
});
