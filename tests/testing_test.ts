import assert from "node:assert/strict";
import { connect } from "hopper/client";
import { startTest, startTestBroker } from "hopper/testing";
import { withFolder } from "./support/folder.ts";

const functions = {
  "double.ts": `import { rpc } from "hopper"; export default rpc("double", (n: number) => 2 * n);`,
  "orders.ts": `import { queue, Reject } from "hopper";
    export default queue("orders", ({ id }: { id: number }) => {
      if (id < 0) throw new Reject("No such order");
    });`,
};

Deno.test("A user's test can call functions and wait for what they handled", async () => {
  await using folder = await withFolder(functions);
  await using hopper = await startTest({ functions: folder.path });

  assert.equal(await hopper.call("double", 21), 42);
  await hopper.send("orders", { id: 1 });
  await hopper.send("orders", { id: 2 });
  await hopper.handled("orders", 2);
  await hopper.send("orders", { id: -1 });
  assert.equal(await hopper.failed("orders"), "Reject: No such order");
});

Deno.test("A user's test keeps data of its functions in its own temporary folder", async () => {
  const dedupes = `import { queue } from "hopper";
    export default queue("once", { dedupe: { for: "1m", store: "disk" } }, () => {});`;
  await using folder = await withFolder({ "once.ts": dedupes });
  const before = await Deno.stat(".hopper").catch(() => undefined);
  for (const _ of ["a test", "the next one, which knows nothing of it"]) {
    await using hopper = await startTest({ functions: folder.path });
    await hopper.send("once", 1, { messageId: "m1" });
    await hopper.handled("once");
  }
  assert.deepEqual((await Deno.stat(".hopper").catch(() => undefined))?.mtime, before?.mtime);
});

Deno.test("A user's test can fire a schedule", async () => {
  const nightly = `import { schedule } from "hopper";
    export default schedule("0 3 * * *", (tick) => {
      if (!tick.manual) throw new Error("Not at this time");
    });`;
  await using folder = await withFolder({ ...functions, "nightly.ts": nightly });
  await using hopper = await startTest({ functions: folder.path });

  await hopper.fire("nightly");
  await hopper.handled("nightly");
  await assert.rejects(hopper.fire("orders"), /No schedule 'orders' runs here; there are: 'nightly'/);
});

Deno.test("A wait in a user's test that ends in vain says what happened instead", async () => {
  await using folder = await withFolder(functions);
  await using hopper = await startTest({ functions: folder.path, patience: 50 });

  await hopper.call("double", 1);
  await assert.rejects(hopper.handled("orders"), /'orders'.*within 50 ms; there were: double handled/);
});

Deno.test("A user's test can read the problems of its files", async () => {
  await using folder = await withFolder({ ...functions, "broken.ts": "export default 3;" });
  await using hopper = await startTest({ functions: folder.path });

  assert.equal(hopper.problems.length, 1);
  assert.match(hopper.problems[0]!, /broken\.ts.*not a trigger but a number/);
});

Deno.test("A user's test can wait for events of 'emits' that reach no queue", async () => {
  const place = `import { queue } from "hopper";
    export default queue("place", { emits: { orders: "topic" } }, async (order: number, ctx) => {
      await ctx.publish("orders", order > 1 ? "order.large" : "order.small", order);
    });`;
  await using folder = await withFolder({ "place.ts": place });
  await using hopper = await startTest({ functions: folder.path });

  await hopper.send("place", 1);
  assert.deepEqual(await hopper.unrouted("place"), { exchange: "orders", routingKey: "order.small" });
  await hopper.send("place", 2);
  assert.deepEqual(await hopper.unrouted("place", 2), { exchange: "orders", routingKey: "order.large" });
  await hopper.handled("place", 2);
});

Deno.test("Any AMQP client can use the broker of a user's test", async () => {
  await using broker = await startTestBroker();
  await using client = await connect(broker.url);

  await assert.rejects(client.send("nowhere", "lost"), { code: "UNROUTABLE" });
});

Deno.test("A user's test can run its functions on a broker that behaves like another version of RabbitMQ", async () => {
  await using folder = await withFolder(functions);
  const size = 17 * 2 ** 20;
  for (const [like, outcome] of [["3.10", "sent"], ["4.3", "MessageTooLarge"]] as const) {
    await using hopper = await startTest({ functions: folder.path, like });
    const sending = hopper.send("orders", new Uint8Array(size)).then(() => "sent", ({ name }) => name);
    assert.equal(await sending, outcome);
  }
});

Deno.test("A user's test runs functions with batches and middleware", async () => {
  await using folder = await withFolder({
    "_around.ts": `import type { Middleware } from "hopper";
      export default (async (run, next) => {
        const { failed = [] } = await next();
        await run.send("told", { messages: run.messages.length, failed: failed.map(({ item }) => item) });
        return {};
      }) satisfies Middleware;`,
    "items.ts": `import { BatchFailed, queue } from "hopper";
      export default queue("items", { batch: { size: 3, wait: "2s" }, retry: false }, (items: number[]) =>
        new BatchFailed(items.flatMap((n, item) => n < 0 ? [{ item, error: new Error("Negative") }] : [])));`,
    "told.ts": `import { queue, Reject } from "hopper";
      export default queue("told", (what: unknown) => { throw new Reject(JSON.stringify(what)); });`,
  });
  const config = { functions: { items: { use: [`${folder.path}/_around.ts`] } } };
  await using hopper = await startTest({ functions: folder.path, config });
  assert.deepEqual(hopper.problems, []);
  for (const n of [1, -2, 3]) await hopper.send("items", n);
  await hopper.handled("items", 2);
  assert.equal(await hopper.failed("items"), "Error: Negative");
  assert.equal(await hopper.failed("told"), `Reject: {"messages":3,"failed":[1]}`);
});
