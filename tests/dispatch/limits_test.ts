import assert from "node:assert/strict";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

testOnBroker("A function has at most 'prefetch' unacknowledged messages", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", { prefetch: 2 }, async (text, { log }) => { log(text); await released(); });`,
    },
    broker,
  });

  for (const text of ["a", "b", "c", "d", "e"]) await broker.send("q", text);
  await app.events("log", 2);
  assert.equal(await broker.waiting("q"), 3);
  await app.release(2);
  await app.events("log", 4);
  await app.release(2);
  await app.events("log", 5);
  await app.release();

  await app.events("handled", 5);
});

testOnBroker(
  "At most 'concurrency' handlers run at the same time, even if more messages are prefetched",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `let running = 0, most = 0;
      export default queue("q", { prefetch: 10, concurrency: 3 }, async (text, { log }) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
        log("most", { most });
      });`,
      },
      broker,
    });

    for (let i = 0; i < 30; i++) await broker.send("q", `${i}`);
    await app.events("handled", 30);

    assert.deepEqual(app.seen("log").at(-1)!.data, { most: 3 });
  },
);

testOnBroker(
  "With a concurrency of 1 messages are handled in the queue's order, however long each takes",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { concurrency: 1, retry: false }, async (n: number, { log }) => {
        if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
        if (n % 5 === 0) throw new Error("No");
        log(\`\${n}\`);
      });`,
      },
      broker,
    });

    const numbers = Array.from({ length: 40 }, (_, i) => i);
    await Promise.all(numbers.map((n) => broker.send("q", `${n}`)));
    await app.events("handled", 32);

    assert.deepEqual(app.said("f"), numbers.filter((n) => n % 5 !== 0).map(String));
  },
);

testOnBroker("A slow function does not delay other functions", async ({ broker }) => {
  await using app = await runApp({
    functions: {
      slow:
        `export default queue("slow", { prefetch: 1 }, async (text, { log }) => { log("began"); await released(); });`,
      quick: `export default queue("quick", (text, { log }) => log(text));`,
    },
    broker,
  });

  await broker.send("slow", "x");
  await app.event("log", { function: "slow" });
  for (const text of ["a", "b"]) await broker.send("quick", text);
  await app.events("handled", 2, { function: "quick" });

  assert.equal(app.seen("handled", { function: "slow" }).length, 0);
  await app.release();
  await app.event("handled", { function: "slow" });
});

testOnBroker(
  "When a run times out, its signal aborts, the run fails and the message is dead-lettered",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { timeout: "30ms", concurrency: 1, retry: false }, async (text, { signal, log }) => {
        if (text === "good") return;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        log(\`\${signal.reason}\`);
      });`,
      },
      broker,
    });

    await broker.send("q", "endless");
    await broker.send("q", "good");
    const { error } = await app.event("dead-lettered");
    await app.event("handled");

    assert.equal(error, "RunTimeout: The run took longer than 30 ms");
    assert.deepEqual(app.said("f"), ["RunTimeout: The run took longer than 30 ms"]);
    assert.equal(await broker.waiting("q.dead"), 1);
  },
);

testOnBroker(
  "An inline handler that ignores its signal no longer holds a slot, and may throw later",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { timeout: 20, concurrency: 1, retry: false }, async (text, { log }) => {
        if (text === "good") return;
        await released();
        log("late");
        throw new Error("Late");
      });`,
      },
      config: { defaults: { isolate: "inline" } },
      broker,
    });

    await broker.send("q", "deaf");
    await broker.send("q", "good");
    await app.event("handled");
    await app.release();
    await app.event("log", { message: "late" });

    assert.equal(app.seen("failed").length, 1);
    assert.equal(await broker.waiting("q.dead"), 1);
  },
);

testOnBroker(
  "A timeout that is too long for a timer is refused",
  async ({ broker }) => {
    await using app = await runApp({
      functions: {
        long:
          `export default queue("q", { timeout: "21d" }, () => new Promise((done) => setTimeout(done, 5)));`,
        longer: `export default queue("r", { timeout: "25d" }, () => {});`,
      },
      broker,
      config: { defaults: { consumerTimeout: "24d" } },
    });

    await broker.send("q", "a");

    await app.event("handled", { function: "long" });
    assert.match(
      app.seen("problem")[0]!.message,
      /^Option 'timeout': .* less than 25 days, got "25d"$/,
    );
  },
);
