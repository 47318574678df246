/** Metrics and traces of the package, whose libraries are bundled. */

import assert from "node:assert/strict";
import { Collector } from "../support/collector.ts";
import { packed } from "../support/machine.ts";
import { valueOf } from "../support/metrics.ts";
import { freePort } from "../support/ports.ts";
import { run, start } from "../support/process.ts";

Deno.test("The package serves metrics, and traces a call through its function's process", async () => {
  await using made = await packed();
  await using collector = new Collector();
  const folder = `${made.folder}/shop`;
  await Deno.mkdir(`${folder}/functions`, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/functions/double.ts`,
    `import { rpc } from "hopper"; export default rpc("double", (n: number) => n * 2);`,
  );
  const [admin, broker] = [freePort(), freePort()];
  const env = { ...collector.env, NO_COLOR: "1" };
  const hopper = [
    "run",
    "-A",
    "--cached-only",
    "--config",
    `${made.folder}/deno.json`,
    `${made.folder}/dist/cli.js`,
  ];
  const address = ["--admin", `127.0.0.1:${admin}`, "--embedded-port", `${broker}`];
  await using runtime = start(Deno.execPath(), [...hopper, "run", ...address], { cwd: folder, env });
  await runtime.line("ready in");

  const called = await run(Deno.execPath(), [...hopper, "call", "double", "21"], {
    cwd: folder,
    env: { ...env, AMQP_URL: `amqp://guest:guest@127.0.0.1:${broker}` },
  });
  assert.equal(called.stdout, "42\n", called.stderr);

  const response = await fetch(`http://127.0.0.1:${admin}/metrics`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(valueOf(text, "messaging_process_duration_seconds_count", { function: "double" }), 1);
  const calling = await collector.span("call double");
  assert.equal((await collector.span("process double")).parentSpanId, calling.spanId);
  const licences = await Deno.readTextFile(`${made.folder}/LICENSES.txt`);
  for (const name of ["prom-client", "@opentelemetry/api"]) {
    assert.match(licences, new RegExp(`^${name} `, "m"));
  }
});
