/** Functions that want only some messages of a stream. */

import assert from "node:assert/strict";
import { filterArguments } from "../../runtime/dispatch/stream/filter.ts";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import { testOnBroker } from "../support/test_on_broker.ts";
import { untilWaiting } from "../support/until_waiting.ts";

const reads = (options = "", does = "") =>
  `export default queue("events", { queueType: "stream", ${options} }, async (body, { log, attempt, message }) => {
    ${does}
    log(String(body));
  });`;

/** Sends messages with values that a stream is filtered by; `undefined` for one without. */
async function fillWith(broker: Broker, values: readonly (string | undefined)[], from = 0): Promise<void> {
  await broker.channel.assertQueue("events", { arguments: { "x-queue-type": "stream" } });
  for (const [i, value] of values.entries()) {
    const headers = value === undefined ? {} : { "x-stream-filter-value": value };
    await broker.send("events", `${value} ${from + i}`, { headers });
  }
}

for (const filter of [`"eu"`, `["eu", "asia"]`]) {
  testOnBroker(
    `A function with the filter ${filter} gets only messages with these values, also after a restart`,
    async ({ broker }) => {
      await fillWith(broker, ["eu", "us", undefined, "asia", "eu"]);
      const options = { functions: { f: reads(`from: "first", concurrency: 1, filter: ${filter}`) }, broker };
      const wanted = (some: string[]) => some.filter((body) => filter.includes(body.split(" ")[0]!));
      {
        await using app = await runApp(options);
        const expected = wanted(["eu 0", "asia 3", "eu 4"]);
        await app.events("handled", expected.length);
        assert.deepEqual(app.said("f"), expected);
      }
      await fillWith(broker, ["us", "asia", "eu"], 5);

      await using app = await runApp(options);
      await app.event("log", { message: "eu 7" });
      assert.deepEqual(app.said("f"), wanted(["asia 6", "eu 7"]));
    },
  );
}

testOnBroker(
  "Messages that were published together are filtered one by one",
  async ({ broker }) => {
    await fillWith(broker, []);
    const values = Array.from({ length: 200 }, (_, i) => i % 10 === 3 ? "eu" : "us");
    await Promise.all(
      values.map((value, i) =>
        broker.send("events", `${i}`, { headers: { "x-stream-filter-value": value } })
      ),
    );
    await using app = await runApp({
      functions: { f: reads(`from: "first", concurrency: 1, prefetch: 7, filter: "eu"`) },
      broker,
    });
    await app.events("handled", 20);
    assert.deepEqual(app.said("f"), values.flatMap((value, i) => value === "eu" ? [`${i}`] : []));
  },
);

testOnBroker(
  "A broker that knows filters does not send what a function's filter leaves out",
  async ({ broker }) => {
    await fillWith(broker, ["us", "us"]);
    await broker.send("events", "eu", { headers: { "x-stream-filter-value": "eu" } });
    const came: string[] = [];
    const { promise: end, resolve } = Promise.withResolvers<void>();
    await broker.channel.prefetch(10);
    await broker.channel.consume("events", (message) => {
      if (message === null) return;
      came.push(message.content.toString());
      if (came.at(-1) === "eu") resolve();
    }, { arguments: { "x-stream-offset": "first", ...filterArguments(["eu"]) } });
    await end;
    assert.deepEqual(came, broker.expected.filtersStreams ? ["eu"] : ["us 0", "us 1", "eu"]);
  },
);

testOnBroker(
  "A function that begins at the last message misses none that its filter takes, though it stops before one came",
  async ({ broker }) => {
    await fillWith(broker, ["us"]);
    const options = { functions: { f: reads(`from: "last", concurrency: 1, filter: "eu"`) }, broker };
    {
      await using app = await runApp(options);
      await app.event("attached", { queue: "events" });
      await untilWaiting(broker, "events.f.offset", (count) => count === 1);
    }
    await fillWith(broker, ["eu", "us", "eu", "us"], 1);

    await using app = await runApp(options);
    await app.events("handled", 2);
    assert.deepEqual(app.said("f"), ["eu 1", "eu 3"]);
  },
);

testOnBroker("A message that a filter takes and that fails is run again", async ({ broker }) => {
  await fillWith(broker, ["us", "eu"]);
  await using app = await runApp({
    functions: {
      f: reads(
        `from: "first", filter: "eu", retry: { attempts: 2, delay: 5 }`,
        `if (attempt === 1) throw new Error("No");`,
      ),
    },
    broker,
  });
  await app.event("handled");
  assert.deepEqual(app.said("f"), ["eu 1"]);
});
