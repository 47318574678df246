import assert from "node:assert/strict";
import type { ProblemView } from "../../runtime/observe/api/views.ts";
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
