import assert from "node:assert/strict";
import type {
  DeadChange,
  DeadView,
  FunctionDetail,
  FunctionSummary,
  FunctionsView,
  InvokeView,
  PeekView,
  ProblemView,
  QueuesView,
  ReplayView,
  RunDetail,
  RunsView,
  TopologyView,
} from "../../runtime/observe/api/views.ts";
import { administer } from "../support/admin_api.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const greet = `export default rpc("greet", ({ name }) => {
  if (name === "") throw new RpcError("NO_NAME", { detail: "Say who you are", status: 400 });
  return "Hello " + name;
});`;
const work = `export default topic("jobs", ["job.*"], { prefetch: 3 }, (job, { log }) => {
  log("working", { job });
  if (job.fails) throw new Error("The printer is on fire");
});`;

testOnBroker("The functions are listed with their trigger, queue and state", async ({ broker }) => {
  await using admin = await administer({
    functions: { greet, work, broken: "export default 5;" },
    broker,
    config: { functions: { "w*": { timeout: "5s" } } },
  });

  const { functions, problems, runtime } = await admin.get<FunctionsView>("/api/functions");
  const shown = functions.map((
    { name, trigger, binding, queue, state },
  ) => [name, trigger, binding, queue, state]);
  assert.deepEqual(shown, [
    ["greet", "rpc", "", "greet", "running"],
    ["work", "topic", "jobs  job.*", "work", "running"],
  ]);
  assert.match(problems[0]!.message, /The default export is not a trigger/);
  assert.deepEqual([runtime.trusted, runtime.missing, runtime.keepPayloads], [true, [], true]);
  assert.doesNotMatch(runtime.broker, /:[^/@]+@/);
});

testOnBroker("Each setting of a function says where it comes from", async ({ broker }) => {
  await using admin = await administer({
    functions: { work },
    broker,
    config: { defaults: { idle: "1m" }, functions: { "w*": { timeout: "5s" }, work: { memory: "64MB" } } },
  });

  const { settings } = await admin.get<FunctionDetail>("/api/functions/work");
  const from = Object.fromEntries(settings.map(({ name, value, from }) => [name, [value, from]]));
  assert.deepEqual(from.prefetch, [3, "file"]);
  assert.deepEqual(from.durable, [true, "default"]);
  assert.deepEqual(from.idle, [60_000, "deploy.config.ts: defaults"]);
  assert.deepEqual(from.timeout, [5_000, 'deploy.config.ts: functions["w*"]']);
  assert.deepEqual(from.memory, ["64MB", 'deploy.config.ts: functions["work"]']);
});

testOnBroker("Invoking an rpc answers with its reply or its error", async ({ broker }) => {
  await using admin = await administer({ functions: { greet }, broker });

  const reply = await admin.post<InvokeView>("/api/functions/greet/invoke", { input: { name: "Ann" } });
  assert.ok(reply.kind === "reply");
  assert.deepEqual([reply.output.kind, reply.output.value], ["text", "Hello Ann"]);
  const refused = await admin.post<InvokeView>("/api/functions/greet/invoke", { input: { name: "" } });
  assert.ok(refused.kind === "error");
  assert.deepEqual([refused.problem.code, refused.problem.detail], ["NO_NAME", "Say who you are"]);
});

testOnBroker(
  "Invoking another function sends it a message, and tells what became of it",
  async ({ broker }) => {
    await using admin = await administer({ functions: { work }, broker });

    const good = await admin.post<InvokeView>("/api/functions/work/invoke", { input: { id: 1 } });
    assert.ok(good.kind === "sent");
    assert.deepEqual([good.run?.status, good.run?.messageId], ["ok", good.messageId]);
    const bad = await admin.post<InvokeView>("/api/functions/work/invoke", {
      input: { fails: true },
      routingKey: "job.bad",
    });
    assert.ok(bad.kind === "sent");
    assert.equal(bad.run?.error, "Error: The printer is on fire");
    assert.equal(bad.run?.routingKey, "job.bad");
  },
);

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

testOnBroker(
  "A paused function takes no messages until it is resumed, also through a deploy",
  async ({ broker }) => {
    await using admin = await administer({ functions: { work }, broker, watch: {} });

    const paused = await admin.post<FunctionSummary>("/api/functions/work/pause");
    assert.deepEqual([paused.state, paused.why], ["paused", "paused by an operator"]);
    await broker.publish("jobs", "job.x", '{"id":1}');
    await admin.app.write("work", work.replace("prefetch: 3", "prefetch: 4"));
    await admin.app.event("deployed");
    assert.equal(await broker.waiting("work"), 1);
    assert.deepEqual(admin.app.app.missing(), []);

    const resumed = await admin.post<FunctionSummary>("/api/functions/work/resume");
    assert.deepEqual([resumed.state, resumed.why], ["running", undefined]);
    await admin.app.event("handled");
    assert.deepEqual(admin.app.seen("started").length, 1);
  },
);

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

    let looks = 0;
    while ((await admin.ask("/api/queues/theirs/peek")).status === 200) looks++;
    assert.ok(looks <= 6, `${looks} looks`);
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
    assert.deepEqual(
      exchanges,
      [
        { name: "jobs", type: "topic", emitters: [], unrouted: 0, unbound: false },
        { name: "orders", type: "topic", emitters: ["place"], unrouted: 1, unbound: true },
      ].sort((a, b) =>
        exchanges.findIndex((e) => e.name === a.name) - exchanges.findIndex((e) => e.name === b.name)
      ),
    );
    assert.deepEqual(bindings, [{ exchange: "jobs", queue: "work", key: "job.*" }]);
    assert.deepEqual(queues.filter(({ unconsumed }) => unconsumed), []);
  },
);

testOnBroker(
  "Events come as they happen, only those of the function and kinds that are asked for",
  async ({ broker }) => {
    await using admin = await administer({ functions: { greet, work }, broker });
    const response = await admin.fetch("/api/events?function=work&only=handled,log");
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();

    await admin.post("/api/functions/greet/invoke", { input: { name: "Ann" } });
    await admin.post("/api/functions/work/invoke", { input: { id: 1 } });
    let text = "";
    while (!text.includes("event: handled")) text += (await reader.read()).value;
    await reader.cancel();
    const names = [...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    assert.deepEqual(names, ["log", "handled"]);
    assert.equal(JSON.parse(/^event: log\ndata: (.*)$/m.exec(text)![1]!).function, "work");
  },
);

testOnBroker("A reader that does not read is dropped, and no message waits for it", async ({ broker }) => {
  await using admin = await administer({
    functions: { f: `export default queue("f", (n, { log }) => log("x".repeat(100_000)));` },
    broker,
  });
  const response = await admin.fetch("/api/events");
  for (let i = 0; i < 20; i++) await broker.send("f", "1");
  await admin.app.events("handled", 20);

  // What was waiting for it is still there; then its stream ends.
  let bytes = 0;
  for await (const chunk of response.body!) bytes += chunk.length;
  assert.ok(bytes < 1_500_000, `${bytes} bytes`);
});

testOnBroker("Wrong requests are answered with a problem that says what is wrong", async ({ broker }) => {
  await using admin = await administer({ functions: { work }, broker });
  const wrong = async (path: string, body?: unknown) => {
    const { status, view } = await admin.ask<ProblemView>(path, body === undefined ? {} : { body });
    return [status, view.detail];
  };
  assert.deepEqual(await wrong("/api/functions/wrok"), [404, "No function 'wrok' is served here"]);
  assert.deepEqual(await wrong("/api/runs/1"), [404, "No run '1': it was never here, or is no longer kept"]);
  assert.deepEqual(await wrong("/api/runs?status=bad"), [
    400,
    "'bad' is not a status; there are: running, ok, failed, retrying, dead, duplicate, expired",
  ]);
  assert.deepEqual(await wrong("/api/runs?limit=0"), [400, "'limit' is a whole number from 1 to 1000"]);
  assert.deepEqual(await wrong("/api/functions/work/invoke", { input: 1, text: "1" }), [
    400,
    "Give either 'input' or 'text'",
  ]);
  assert.deepEqual(await wrong("/api/functions/work/invoke", []), [
    400,
    "The request's body is not a JSON object, such as {}",
  ]);
  assert.deepEqual(await wrong("/nowhere"), [404, "There is no GET /nowhere here"]);
});
