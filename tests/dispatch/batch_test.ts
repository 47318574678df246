/** A function with the setting `batch`: its handler gets many messages at once, and each is settled by itself. */

import assert from "node:assert/strict";
import { runApp, type TestApp } from "../support/app.ts";
import { type Broker, connectBroker } from "../support/amqp.ts";
import { startHopper } from "../support/hopper.ts";
import { ids, sendAll, takeIds } from "../support/load.ts";
import { testOnBroker } from "../support/test_on_broker.ts";
import { untilWaiting } from "../support/until_waiting.ts";

/** A function that logs what each batch has, and does something. Its items are what `sendAll` sends. */
const batched = (options: string, does = "") =>
  `export default queue("q", { ${options} }, async (items: { messageId: string }[], ctx: any) => {
    const names = items.map(({ messageId }) => messageId);
    ctx.log.info("batch", { names, attempts: ctx.attempts });
    ${does}
  });`;

/** The names in each batch so far, in order. */
const batches = (app: TestApp) =>
  app.seen("log", { function: "f", message: "batch" }).map(({ data }) => data!.names as string[]);

const failsAll = `if (names.includes("bad")) throw new Error("All");`;
const namesBad = `const item = names.indexOf("bad");
  if (item >= 0) throw new hopper.BatchFailed([{ item, error: new Error("Only this") }]);`;

for (const isolate of ["inline", "process"] as const) {
  testOnBroker(
    `A batch is full with its size, or goes when its first message has waited long enough (${isolate})`,
    async ({ broker }) => {
      await broker.channel.assertQueue("q", { durable: true });
      await sendAll(broker, "q", ids("m", 25));
      await using app = await runApp({
        functions: { f: batched(`batch: { size: 10, wait: "200ms" }`) },
        isolate,
        broker,
      });
      await app.events("handled", 25);
      assert.deepEqual(batches(app).map(({ length }) => length), [10, 10, 5]);
      assert.deepEqual(batches(app).flat(), ids("m", 25));
      assert.deepEqual(
        app.seen("handled").map(({ batch }) => batch),
        [...Array(20).fill(10), ...Array(5).fill(5)],
      );
      assert.equal(app.seen("started").length, 25);
      assert.equal(await broker.waiting("q"), 0);
    },
  );

  testOnBroker(
    `Of a batch only the item that failed is tried again, and becomes a dead letter by itself (${isolate})`,
    async ({ broker }) => {
      const names = [...ids("good", 4), "bad", ...ids("fine", 5)];
      await broker.channel.assertQueue("q", { durable: true });
      await sendAll(broker, "q", names);
      const options =
        `batch: { size: 10, wait: "1s" }, retry: { attempts: 3, delay: 20, factor: 1 }, pause: false`;
      await using app = await runApp({ functions: { f: batched(options, namesBad) }, isolate, broker });
      await app.event("dead-lettered", { messageId: "bad" });
      await app.events("handled", 9);
      assert.deepEqual(batches(app), [names, ["bad"], ["bad"]]);
      assert.deepEqual(
        app.seen("failed").map(({ messageId, attempt, error }) => [messageId, attempt, error]),
        [
          ["bad", 1, "Error: Only this"],
          ["bad", 2, "Error: Only this"],
          ["bad", 3, "Error: Only this"],
        ],
      );
      assert.deepEqual(await takeIds(broker, "q.dead"), ["bad"]);
    },
  );
}

testOnBroker(
  "A message that ends its process is found alone, and the others of its batch are handled",
  async ({ broker }) => {
    const names = [...ids("a", 3), "bad", ...ids("b", 3)];
    await broker.channel.assertQueue("q", { durable: true });
    await sendAll(broker, "q", names);
    const options = `batch: { size: 10, wait: "300ms" }, retry: { attempts: 2, delay: 10 }, pause: false`;
    await using app = await runApp({
      functions: { f: batched(options, `if (names.includes("bad")) Deno.exit(3);`) },
      isolate: "process",
      broker,
    });
    await app.event("dead-lettered", { messageId: "bad" });
    await app.events("handled", 6);
    assert.deepEqual(await takeIds(broker, "q.dead"), ["bad"]);
    assert.deepEqual(app.seen("failed").map(({ messageId }) => messageId).filter((id) => id !== "bad"), []);
    assert.deepEqual(
      app.seen("handled").map(({ messageId, attempt }) => [messageId, attempt]),
      names.filter((name) => name !== "bad").map((name) => [name, 1]),
    );
  },
);

testOnBroker(
  "Messages of a batch that failed as a whole are alone in their last run, so none becomes a dead letter for another",
  async ({ broker }) => {
    const names = [...ids("good", 4), "bad"];
    await broker.channel.assertQueue("q", { durable: true });
    await sendAll(broker, "q", names);
    const options = `batch: { size: 5, wait: "500ms" },
      retry: { attempts: 2, delay: 20, factor: 1, jitter: 0 }, pause: false`;
    await using app = await runApp({ functions: { f: batched(options, failsAll) }, broker });
    await app.event("dead-lettered", { messageId: "bad" });
    await app.events("handled", 4);
    const [first, ...others] = batches(app);
    assert.deepEqual(first, names);
    assert.deepEqual(others.toSorted(), names.map((name) => [name]).toSorted());
    assert.deepEqual(await takeIds(broker, "q.dead"), ["bad"]);
  },
);

testOnBroker(
  "Reject and Retry of single items, items that cannot be decoded and onExhausted work for each message of a batch",
  async ({ broker }) => {
    await broker.channel.assertQueue("q", { durable: true });
    await broker.send("q", "{", { messageId: "broken", contentType: "application/json" });
    await sendAll(broker, "q", ["rejected", "again", "good"]);
    const options = `batch: { size: 4, wait: "1s" }, retry: { attempts: 3, delay: "1h" },
      onExhausted: (message, error, { log, message: { id } }) => log(\`gave up \${id}: \${error.message}\`)`;
    const does = `const failures = names.flatMap((name, item) =>
        name === "rejected" ? [{ item, error: new Reject("Never") }]
        : name === "again" && ctx.attempts[item] === 1 ? [{ item, error: new Retry({ after: 10 }) }]
        : []);
      return new hopper.BatchFailed(failures);`;
    await using app = await runApp({ functions: { f: batched(options, does) }, broker });
    await app.events("handled", 2);
    await app.events("dead-lettered", 2);
    assert.deepEqual(batches(app), [["rejected", "again", "good"], ["again"]]);
    assert.deepEqual((await takeIds(broker, "q.dead")).toSorted(), ["broken", "rejected"]);
    const told = app.said("f").filter((line) => line.startsWith("gave up"));
    assert.deepEqual(told.map((line) => line.split(":")[0]).toSorted(), [
      "gave up broken",
      "gave up rejected",
    ]);
  },
);

testOnBroker("Batches run one at a time, and the next one gathers meanwhile", async ({ broker }) => {
  await broker.channel.assertQueue("q", { durable: true });
  await sendAll(broker, "q", ids("m", 20));
  await using app = await runApp({
    functions: { f: batched(`batch: { size: 5, wait: 10 }`, `await released(); ctx.log("end");`) },
    broker,
  });
  for (let batch = 1; batch <= 4; batch++) {
    await app.events("log", batch, { message: "batch" });
    await app.release();
  }
  await app.events("handled", 20);
  assert.deepEqual(batches(app).map(({ length }) => length), [5, 5, 5, 5]);
  assert.deepEqual(app.said("f"), ["batch", "end", "batch", "end", "batch", "end", "batch", "end"]);
});

testOnBroker("Bodies that are too large together make smaller batches", async ({ broker }) => {
  await broker.channel.assertQueue("q", { durable: true });
  const text = "x".repeat(400_000);
  for (const id of ids("m", 6)) {
    await broker.send("q", JSON.stringify({ messageId: id, text }), { messageId: id });
  }
  // An eighth of the memory is 1 MB: two of these bodies.
  const options = `batch: { size: 6, wait: "4s" }, memory: "8MB"`;
  await using app = await runApp({ functions: { f: batched(options) }, broker, isolate: "inline" });
  await app.events("handled", 6);
  assert.deepEqual(batches(app).map(({ length }) => length), [2, 2, 2]);
});

testOnBroker("A message that expires while its batch gathers does not run", async ({ broker }) => {
  await using app = await runApp({ functions: { f: batched(`batch: { size: 5, wait: "300ms" }`) }, broker });
  await broker.send("q", `{"messageId":"short"}`, { messageId: "short", expiration: "100" });
  await broker.send("q", `{"messageId":"long"}`, { messageId: "long" });
  await app.event("expired", { messageId: "short" });
  await app.event("handled", { messageId: "long" });
  assert.deepEqual(batches(app), [["long"]]);
});

testOnBroker(
  "A batch counts as one run for the circuit breaker, as failed only if no message of it was handled",
  async ({ broker }) => {
    await broker.channel.assertQueue("q", { durable: true });
    await sendAll(broker, "q", [...ids("m", 9), "bad"]);
    const options = `batch: { size: 10, wait: "500ms" }, pause: { failures: 2, of: 4, probe: 20, most: 20 },
      retry: { attempts: 4, delay: 20, factor: 1 }`;
    await using app = await runApp({
      functions: {
        f: batched(options, `if (ctx.attempts.every((attempt) => attempt < 3)) throw new Error("Down");`),
      },
      broker,
    });
    await app.event("paused");
    assert.ok(app.seen("failed").length > 10, "the first batch of ten did not pause it");
    await app.event("resumed");
    await app.events("handled", 10);
    assert.deepEqual(app.seen("dead-lettered"), []);
  },
);

testOnBroker("A drain runs what has gathered at once, and gives back nothing of it", async ({ broker }) => {
  await using hopper = await startHopper({
    functions: {
      f: `import { queue } from "hopper";
      export default queue("q", { batch: { size: 100, wait: "5m" } }, (items) => console.log(\`got \${items.length}\`));`,
    },
    broker: broker.url,
  });
  await sendAll(broker, "q", ids("m", 7));
  await untilWaiting(broker, "q", (count) => count === 0);
  const began = performance.now();
  const { code } = await hopper.stop();
  assert.equal(code, 0);
  assert.ok(performance.now() - began < 20_000);
  assert.deepEqual(hopper.logged("drained").map(({ finished, putBack }) => [finished, putBack]), [[7, 0]]);
  assert.ok(hopper.hasSaid("f", "got 7"));
  assert.equal(await broker.waiting("q"), 0);
});

for (
  const [what, before, after] of [
    ["batches by single messages", `{ batch: { size: 10, wait: 20 } }`, `{}`],
    ["single messages by batches", `{}`, `{ batch: { size: 10, wait: 20 } }`],
    ["batches by larger ones", `{ batch: { size: 3, wait: 20 } }`, `{ batch: { size: 20, wait: 20 } }`],
  ] as const
) {
  testOnBroker(`A file that replaces ${what} under load loses nothing`, async ({ broker }) => {
    const source = (options: string, version: number) =>
      `export default queue("q", ${options}, (input: any, { log }: any) => {
        for (const { messageId } of [input].flat()) log(\`${version} \${messageId}\`);
      });`;
    await using app = await runApp({ functions: { f: source(before, 1) }, watch: {}, broker });
    await using sender = await connectBroker(broker.url);
    const deployed = app.event("deployed");
    const sending = trickle(sender, deployed);
    await app.events("handled", 50);
    await app.write("f", source(after, 2));
    await deployed;
    const wanted = await sending;
    await app.events("handled", wanted.length);
    const runs = app.said("f").map((line) => line.split(" "));
    assert.deepEqual(new Set(runs.map(([, id]) => id)), new Set(wanted));
    assert.equal(runs.length, wanted.length);
    assert.deepEqual(new Set(runs.map(([version]) => version)), new Set(["1", "2"]));
    assert.deepEqual(app.seen("dead-lettered"), []);
  });
}

/** Sends messages a few at a time, until `enough` has happened and some more, and gives their ids. */
async function trickle(broker: Broker, enough: Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  let isEnough = false;
  enough.then(() => isEnough = true);
  const some = async (round: number) => {
    const next = ids(`m${round}`, 10);
    await sendAll(broker, "q", next);
    sent.push(...next);
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
  let round = 0;
  while (!isEnough) await some(round++);
  for (let more = 0; more < 10; more++) await some(round++);
  return sent;
}
