import assert from "node:assert/strict";
import type {
  DeadView,
  ProblemView,
  ReplayView,
  RunDetail,
  RunsView,
} from "../../runtime/observe/api/views.ts";
import { administer } from "../support/admin_api.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const work = `export default topic("jobs", ["job.*"], { prefetch: 3 }, (job, { log }) => {
  log("working", { job });
  if (job.fails) throw new Error("The printer is on fire");
});`;

testOnBroker("A run shows its message, its lines, its error and all its attempts", async ({ broker }) => {
  const retry = { attempts: 2, delay: 10, jitter: 0 };
  await using admin = await administer({ functions: { work }, broker, config: { defaults: { retry } } });
  await broker.publish("jobs", "job.x", '{"fails":true,"id":7}', {
    contentType: "application/json",
    messageId: "m7",
    headers: { tenant: "acme", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  });
  await admin.app.event("dead-lettered");

  const { runs } = await admin.get<RunsView>("/api/runs?status=dead");
  const run = await admin.get<RunDetail>(`/api/runs/${runs[0]!.id}`);
  assert.deepEqual(run.attempts.map(({ attempt, status }) => [attempt, status]), [[1, "retrying"], [
    2,
    "dead",
  ]]);
  assert.deepEqual(run.payload?.value, { fails: true, id: 7 });
  assert.equal(run.headers?.tenant, "acme");
  assert.equal(run.traceId, "0af7651916cd43dd8448eb211c80319c");
  assert.deepEqual(run.lines.map(({ message, data }) => [message, data]), [[
    "working",
    { job: { fails: true, id: 7 } },
  ]]);
  assert.match(run.stack!, /The printer is on fire/);
  assert.equal(run.deadLetterQueue, "work.dead");
});

testOnBroker("Without the token a run shows no payload, header, stack or log line", async ({ broker }) => {
  await using admin = await administer({ functions: { work }, broker });
  await admin.post("/api/functions/work/invoke", {
    input: { secret: "s3cret", fails: true },
    headers: { key: "s3cret" },
  });

  const { view: { runs } } = await admin.ask<RunsView>("/api/runs", { withToken: false });
  const { view: run } = await admin.ask<RunDetail>(`/api/runs/${runs[0]!.id}`, { withToken: false });
  assert.equal(run.hidden, true);
  assert.doesNotMatch(JSON.stringify([runs, run]), /s3cret/);
  const { view: dead } = await admin.ask<DeadView>("/api/dead/work", { withToken: false });
  assert.doesNotMatch(JSON.stringify(dead), /s3cret/);
  assert.equal((await admin.ask("/api/queues/work/peek", { withToken: false })).status, 401);
  for (
    const path of [
      "functions/work/invoke",
      "functions/work/pause",
      `runs/${run.id}/replay`,
      "dead/work/purge",
    ]
  ) {
    assert.equal((await admin.ask(`/api/${path}`, { body: {}, withToken: false })).status, 401, path);
  }
});

testOnBroker(
  "A replayed run sends the same bytes and headers again, or an edited payload",
  async ({ broker }) => {
    await using admin = await administer({
      functions: {
        raw: `export default queue("raw", { codec: "bytes" }, (bytes, { message, log }) =>
        log([...bytes].join(" "), { tenant: message.headers.tenant, type: message.contentType }));`,
      },
      broker,
    });
    await broker.send("raw", new Uint8Array([0, 255, 7]), {
      headers: { tenant: "acme" },
      contentType: "image/x",
    });
    await admin.app.event("handled");
    const { runs: [first] } = await admin.get<RunsView>("/api/runs");

    const { messageId, queue } = await admin.post<ReplayView>(`/api/runs/${first!.id}/replay`);
    assert.equal(queue, "raw");
    await admin.app.events("handled", 2);
    await admin.post(`/api/runs/${first!.id}/replay`, { text: "A" });
    await admin.app.events("handled", 3);

    assert.deepEqual(
      admin.app.seen("log").map(({ message, data, messageId: id }) => [message, data, id === messageId]),
      [
        ["0 255 7", { tenant: "acme", type: "image/x" }, false],
        ["0 255 7", { tenant: "acme", type: "image/x" }, true],
        ["65", { tenant: "acme", type: "image/x" }, false],
      ],
    );
  },
);

testOnBroker(
  "A run whose payload was not kept cannot be replayed without another one",
  async ({ broker }) => {
    await using admin = await administer({ functions: { work }, broker, keep: false });
    await admin.post("/api/functions/work/invoke", { input: { id: 1 } });
    const { runs: [run] } = await admin.get<RunsView>("/api/runs");

    const { status, view } = await admin.ask<ProblemView>(`/api/runs/${run!.id}/replay`, { body: {} });
    assert.equal(status, 409);
    assert.match(view.detail, /The payload of this run was not kept/);
    await admin.post(`/api/runs/${run!.id}/replay`, { input: { id: 2 } });
    await admin.app.events("handled", 2);
  },
);
