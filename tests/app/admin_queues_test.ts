import { connect } from "../../runtime/client/mod.ts";
import assert from "node:assert/strict";
import type {
  DeadChange,
  DeadView,
  PeekView,
  ProblemView,
  QueuesView,
  TopologyView,
} from "../../runtime/observe/api/views.ts";
import { administer } from "../support/admin_api.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const work = `export default topic("jobs", ["job.*"], { prefetch: 3 }, (job, { log }) => {
  log("working", { job });
  if (job.fails) throw new Error("The printer is on fire");
});`;

testOnBroker("Queues show what waits in them, and a peek leaves it there", async ({ broker }) => {
  await using admin = await administer({ functions: { work }, broker });
  await admin.post("/api/functions/work/pause");
  for (const id of [1, 2, 3]) {
    await broker.publish("jobs", "job.x", JSON.stringify({ id }), { messageId: `m${id}` });
  }

  const { messages } = await admin.get<PeekView>("/api/queues/work/peek?max=2");
  assert.deepEqual(messages.map(({ messageId, payload }) => [messageId, payload.value]), [["m1", { id: 1 }], [
    "m2",
    {
      id: 2,
    },
  ]]);
  assert.equal((await broker.take("work", 3)).length, 3);
  const { queues } = await admin.get<QueuesView>("/api/queues");
  const shown = queues.map(({ name, kind, ready, consumers }) => [name, kind, ready, consumers]);
  assert.deepEqual(shown, [["work", "work", 0, 0], ["work.dead", "dead", undefined, undefined]]);
});

testOnBroker(
  "The messages of a quorum queue are not looked at, as each look counts as a delivery",
  async ({ broker }) => {
    const quorum = work.replace("prefetch: 3", 'queueType: "quorum"');
    await using admin = await administer({ functions: { work: quorum }, broker });

    const { status, view } = await admin.ask<ProblemView>("/api/queues/work/peek");
    assert.equal(status, 409);
    assert.match(view.detail, /'work' is a quorum queue, which counts a look as a delivery/);
  },
);

testOnBroker(
  "Nor are those of a quorum queue that others declared, once they were given back",
  async ({ broker }) => {
    await broker.channel.assertQueue("theirs", { durable: true, arguments: { "x-queue-type": "quorum" } });
    await using admin = await administer({
      functions: {
        f: `export default queue("theirs", { declare: "passive", retry: false, deadLetter: false }, () => {});`,
      },
      broker,
    });
    await admin.post("/api/functions/f/pause");
    await broker.send("theirs", "1");

    // RabbitMQ 4 would drop it after 20 deliveries, so refused looks must not be any.
    let seen = 0;
    for (let look = 0; look < 40; look++) {
      const { status, view } = await admin.ask<PeekView>("/api/queues/theirs/peek");
      if (status === 200) seen += view.messages.length;
    }
    assert.equal(seen, 5);
    assert.equal((await broker.take("theirs", 1)).length, 1);
  },
);

testOnBroker(
  "Dead letters are grouped by error, sent back and deleted, chosen or all",
  async ({ broker }) => {
    await using admin = await administer({
      functions: {
        f: `export default queue("f", (n) => { throw new Error(n < 3 ? "No user " + n : "Timeout"); });`,
      },
      broker,
    });
    for (const n of [1, 2, 3]) await broker.send("f", String(n), { messageId: `m${n}` });
    await admin.app.events("dead-lettered", 3);

    const { queue, ready, groups } = await admin.get<DeadView>("/api/dead/f");
    assert.deepEqual([queue, ready], ["f.dead", 3]);
    assert.deepEqual(groups, [
      { error: "Error: No user 1", count: 2, ids: ["m1", "m2"] },
      { error: "Error: Timeout", count: 1, ids: ["m3"] },
    ]);
    assert.deepEqual(await admin.post<DeadChange>("/api/dead/f/replay", { ids: ["m3"] }), {
      done: 1,
      ids: ["m3"],
    });
    await admin.app.events("dead-lettered", 4);
    assert.deepEqual(await admin.post<DeadChange>("/api/dead/f/purge", { ids: ["m1"] }), { done: 1 });
    assert.deepEqual(await admin.post<DeadChange>("/api/dead/f/purge", { all: true }), { done: 2 });
    assert.equal((await admin.ask("/api/dead/f/purge", { body: {} })).status, 400);
  },
);

testOnBroker(
  "The topology marks exchanges that reach no queue and queues that nothing consumes",
  async ({ broker }) => {
    await using admin = await administer({
      functions: {
        work,
        place: `export default queue("place", { emits: { orders: "topic" } }, (_, ctx) =>
        ctx.publish("orders", "order.created", 1));`,
      },
      broker,
    });
    await broker.send("place", "1");
    await admin.app.event("handled", { function: "place" });

    const { exchanges, bindings, queues } = await admin.get<TopologyView>("/api/topology");
    assert.deepEqual(exchanges.toSorted((a, b) => a.name < b.name ? -1 : 1), [
      { name: "jobs", type: "topic", emitters: [], unrouted: 0, unbound: false },
      { name: "orders", type: "topic", emitters: ["place"], unrouted: 1, unbound: true },
    ]);
    assert.deepEqual(bindings, [{ exchange: "jobs", queue: "work", key: "job.*" }]);
    assert.deepEqual(queues.filter(({ unconsumed }) => unconsumed), []);
  },
);

testOnBroker("Whatever is in a message is shown as JSON can hold it", async ({ broker }) => {
  await using admin = await administer({ functions: { f: `export default queue("f", () => {});` }, broker });
  await admin.post("/api/functions/f/pause");
  const headers = {
    bytes: new Uint8Array([1, 2, 255]),
    big: 2n ** 60n,
    nested: { __proto__: null, list: [true, null] },
  };
  await using client = await connect(broker.url);
  await client.send("f", new TextEncoder().encode("12345678901234567890"), {
    headers,
    contentType: "application/json",
  });
  await client.send("f", new Uint8Array(1024 * 1024).fill(255));
  await client.send("f", "[".repeat(5_000), { contentType: "application/json" });

  const { messages } = await admin.get<PeekView>("/api/queues/f/peek");
  assert.deepEqual(messages[0]!.headers, {
    bytes: "AQL/",
    big: String(2n ** 60n),
    nested: { list: [true, null] },
  });
  assert.deepEqual(messages.map(({ payload: { kind, bytes } }) => [kind, bytes]), [
    ["text", 20],
    ["base64", 1024 * 1024],
    ["text", 5_000],
  ]);
});
