import assert from "node:assert/strict";
import type {
  FunctionDetail,
  FunctionSummary,
  FunctionsView,
  InvokeView,
  ProblemView,
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

testOnBroker("A schedule has the time of its next tick, and invoking it fires it now", async ({ broker }) => {
  const nightly = `export default schedule("0 3 * * *", { timezone: "Europe/Berlin" }, (tick, { log }) => {
    log.info(tick.manual ? "by hand" : "by the clock");
  });`;
  await using admin = await administer({ functions: { nightly }, broker });

  const detail = await admin.get<FunctionDetail>("/api/functions/nightly");
  assert.deepEqual([detail.trigger, detail.binding], ["schedule", "0 3 * * *"]);
  assert.match(detail.schedule!.next!, /^20\d\d-\d\d-\d\dT0[12]:00:00\.000Z$/);
  const zone = detail.settings.find(({ name }) => name === "timezone");
  assert.deepEqual(zone, { name: "timezone", value: "Europe/Berlin", from: "file" });

  const sent = await admin.post<InvokeView>("/api/functions/nightly/invoke", {});
  assert.equal(sent.kind, "sent");
  assert.equal(sent.kind === "sent" && sent.run?.status, "ok");
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

testOnBroker(
  "Invoking a function with a headers trigger reaches it without saying its headers",
  async ({ broker }) => {
    const f =
      `export default headers("docs", { all: { kind: "pdf" } }, (_, { message, log }) => log(message.headers.kind));`;
    await using admin = await administer({ functions: { f }, broker });

    const sent = await admin.post<InvokeView>("/api/functions/f/invoke", { input: 1 });
    assert.equal(sent.kind === "sent" && sent.run?.status, "ok");
    assert.deepEqual(admin.app.said("f"), ["pdf"]);
  },
);

testOnBroker(
  "An rpc that is paused does not answer, and the error says so",
  async ({ broker }) => {
    await using admin = await administer({ functions: { greet }, broker });
    await admin.post("/api/functions/greet/pause");

    const { status, view } = await admin.ask<ProblemView>("/api/functions/greet/invoke", {
      body: { timeout: "500ms" },
    });
    assert.deepEqual([status, view.code], [504, "CALL_TIMEOUT"]);
  },
);
