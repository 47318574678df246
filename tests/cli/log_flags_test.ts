/** What `hopper run` logs, and where to. */
import assert from "node:assert/strict";
import { startBroker } from "../../runtime/broker/mod.ts";
import { connectBroker } from "../support/amqp.ts";
import { hopperCommand, spawnHopper, startHopper } from "../support/hopper.ts";

const works = `import { queue } from "hopper";
  export default queue("works", { retry: false }, (text, { log }) => {
    log(\`Got \${text}\`, { size: String(text).length });
    if (text === "bad") throw new Error("No");
  });`;

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

Deno.test("Every line of a run has its function, message id, attempt and trace id", async () => {
  await using broker = await startBroker({ port: 0, memory: true });
  await using hopper = await startHopper({ functions: { works }, broker: broker.url });
  await using client = await connectBroker(broker.url);
  await client.send("works", "bad", { messageId: "m1", headers: { traceparent } });
  await hopper.event("dead-lettered");

  const lines = ["log", "failed", "dead-lettered"].map((event) => hopper.logged(event)[0]!);
  for (const line of lines) {
    const { function: name, messageId, attempt, traceId: trace } = line;
    assert.deepEqual([name, messageId, attempt, trace], ["works", "m1", 1, traceId]);
  }
  assert.equal(new Set(lines.map(({ run }) => run)).size, 1, "all have the run's id");
  await hopper.stop();
});

Deno.test("With --quiet no line is written for a successful run, and all others stay", async () => {
  await using broker = await startBroker({ port: 0, memory: true });
  await using hopper = await startHopper({ functions: { works }, broker: broker.url, args: ["--quiet"] });
  await using client = await connectBroker(broker.url);
  for (const text of ["good", "bad"]) await client.send("works", text, { messageId: text });
  await hopper.event("dead-lettered", { messageId: "bad" });
  await hopper.stop();

  assert.deepEqual(hopper.logged("handled"), []);
  assert.deepEqual(hopper.logged("log").map(({ message }) => message), ["Got good", "Got bad"]);
  assert.equal(hopper.logged("failed").length, 1);
});

Deno.test("With --log-file the lines are in that file, and the banner on the terminal names it", async () => {
  await using broker = await startBroker({ port: 0, memory: true });
  const options = { functions: { works }, broker: broker.url };
  await using hopper = await spawnHopper({ ...options, args: ["--log", "text", "--log-file", "run.log"] });
  await hopper.line("ready in");
  await hopper.line(/^ Log {6}run\.log$/);
  await using client = await connectBroker(broker.url);
  await client.send("works", "bad", { messageId: "m1" });
  const path = `${hopper.dir}/run.log`;
  while (!(await Deno.readTextFile(path)).includes("moved to works.dead")) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { stdout, stderr } = await hopper.stop();

  const text = await Deno.readTextFile(path);
  const lines = text.trimEnd().split("\n").map((line) =>
    line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /, "")
  );
  assert.ok(lines.includes("+ works attached (queue works)"), text);
  assert.ok(lines.includes('│ works Got bad {"size":3} attempt 1 m1'), text);
  assert.match(text, /✗ works \d+ ms attempt 1 m1 Error: No \(functions\/works\.ts:4:31\) run \w+-\w+\n/);
  assert.match(lines.at(-1)!, /^stopped: /);
  assert.doesNotMatch(stdout, /Got bad|attempt 1/);
  assert.equal(stderr, "");
});

Deno.test("A log file that cannot be written is an error at the start", async () => {
  const dir = await Deno.makeTempDir({ prefix: "hopper-test-" });
  await Deno.mkdir(`${dir}/functions`);
  const args = ["run", "--no-admin", "--log-file", "no/run.log"];
  const { code, stdout, stderr } = await hopperCommand(args, { cwd: dir, broker: "amqp://127.0.0.1:1" });
  await Deno.remove(dir, { recursive: true });

  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^hopper: The log file 'no\/run\.log' cannot be written: NotFound: No such file/);
});
