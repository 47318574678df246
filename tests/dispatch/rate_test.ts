import assert from "node:assert/strict";
import { createEvents } from "../../runtime/core/ports/events.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

/** Milliseconds from the earliest to the latest. */
const spread = (times: readonly number[]) => Math.max(...times) - Math.min(...times);

testOnBroker("Runs begin at most at the rate, after one burst", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { rate: { limit: 20, per: "1s", burst: 2 } }, (_, { log }) =>
        log("ran", { at: performance.now() }));`,
    },
    broker,
  });

  for (let i = 0; i < 12; i++) await broker.send("q", `${i}`);
  const ran = (await app.events("log", 12)).map(({ data }) => data!.at as number);

  // Each handler notes its time a little after its run began.
  assert.ok(spread(ran.slice(2)) >= 0.9 * 9 * 50, `10 runs in ${spread(ran.slice(2))} ms`);
  assert.ok(spread(ran) < 2 * 500, `12 runs in ${spread(ran)} ms`);
});

testOnBroker("What is over a low rate stays in the queue", async ({ broker }) => {
  await using app = await runApp({
    functions: { f: `export default queue("q", { rate: { limit: 1, per: "1h" } }, () => {});` },
    broker,
  });

  for (let i = 0; i < 30; i++) await broker.send("q", `${i}`);
  await app.event("handled");

  assert.equal(await broker.waiting("q"), 27, "one has run, and two wait for the next hour");
});

testOnBroker("A deploy gives no second burst", async ({ broker }) => {
  const source = (prefetch: number) =>
    `export default queue("q", { prefetch: ${prefetch}, rate: { limit: 3, per: "1h", burst: 3 } }, () => {});`;
  await using app = await runApp({ functions: { f: source(5) }, broker, watch: {} });

  for (let i = 0; i < 3; i++) await broker.send("q", `${i}`);
  await app.events("handled", 3);
  await app.write("f", source(6));
  await app.event("deployed", { function: "f", change: "settings" });
  await broker.send("q", "over");
  // Another function's message shows that time has passed in which the one over the rate could have run.
  await app.write("g", `export default queue("other", () => {});`);
  await app.event("deployed", { function: "g" });
  await broker.send("other", "x");
  await app.event("handled", { function: "g" });

  assert.equal(app.seen("handled", { function: "f" }).length, 3);
});

testOnBroker(
  "A message that is not run, as its id was handled before, takes nothing of the rate",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { dedupe: { for: "1m" }, rate: { limit: 2, per: "1h", burst: 2 } },
        (text, { log }) => log(text));`,
      },
      broker,
    });

    for (let i = 0; i < 5; i++) await broker.send("q", "first", { messageId: "same" });
    await broker.send("q", "second");
    await app.event("log", { message: "second" });

    assert.deepEqual(app.said("f"), ["first", "second"]);
  },
);

testOnBroker("A retry counts for the rate, and is not lost to it", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", {
        rate: { limit: 20, per: "1s", burst: 1 }, retry: { attempts: 3, delay: 1, factor: 1, jitter: 0 },
      }, (_, { log }) => { log("ran", { at: performance.now() }); throw new Error("No"); });`,
    },
    broker,
  });

  for (let i = 0; i < 3; i++) await broker.send("q", `${i}`);
  await app.events("dead-lettered", 3);
  const ran = app.seen("log").map(({ data }) => data!.at as number);

  assert.equal(ran.length, 9);
  assert.ok(spread(ran) >= 0.9 * 8 * 50, `9 runs in ${spread(ran)} ms`);
});

testOnBroker(
  "A function that waits for its rate stops at once, and its messages go back",
  async ({ broker }) => {
    const app = await runApp({
      functions: {
        f: `export default queue("q", { rate: { limit: 1, per: "1h", burst: 1 } }, (text, { log }) => log(text));`,
      },
      broker,
    });
    for (let i = 0; i < 5; i++) await broker.send("q", `${i}`);
    await app.event("handled");

    await app[Symbol.asyncDispose]();

    assert.equal(app.seen("drained")[0]!.finished, 0);
    assert.equal(await broker.waiting("q"), 4);
  },
);

testOnBroker(
  "A function that waits for its rate can be paused, and holds no message then",
  async ({ broker }) => {
    await using app = await runApp({
      functions: { f: `export default queue("q", { rate: { limit: 1, per: "1h", burst: 1 } }, () => {});` },
      broker,
    });
    for (let i = 0; i < 5; i++) await broker.send("q", `${i}`);
    await app.event("handled");

    await app.app.operations.hold("f", true);

    assert.equal(await broker.waiting("q"), 4);
  },
);

testOnBroker("A run that is repeated because its process ended counts for the rate", async ({ broker }) => {
  const events = createEvents();
  const began: number[] = [];
  // Their own notes would come late: the first run begins while its process is busy with its start.
  events.on(({ event }) => event === "started" && began.push(performance.now()));
  await using app = await runApp({
    functions: {
      f: `export default queue("q", {
        rate: { limit: 5, per: "1s", burst: 1 }, retry: { attempts: 2, delay: 1, jitter: 0 },
      }, (_, { attempt }) => { if (attempt === 1) Deno.exit(1); });`,
    },
    broker,
    events,
    isolate: "process",
  });

  await broker.send("q", "a");
  await app.event("handled");

  assert.ok(began.length > 1);
  assert.ok(spread(began) >= 195, `${began.length} runs in ${spread(began)} ms`);
});

testOnBroker(
  "A request over an rpc's rate waits, and one whose caller has gone takes nothing of it",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default rpc("f", { rate: { limit: 4, per: "1s", burst: 1 } }, (n: number, { log }) => {
        log(\`\${n}\`);
        return n;
      });`,
        caller: `export default queue("go", async (_, { call, log }) => {
        await call("f", 1);
        const gone = call("f", 2, { timeout: 50 }).catch((error) => log(error.code));
        const later = call("f", 3);
        await gone;
        log(\`got \${await later}\`);
      });`,
      },
      broker,
    });

    await broker.send("go", "");
    await app.event("log", { message: "got 3" });

    assert.deepEqual(app.said("f"), ["1", "3"]);
    assert.deepEqual(app.said("caller"), ["CALL_TIMEOUT", "got 3"]);
  },
);
