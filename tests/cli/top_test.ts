/** `hopper top`, on a real terminal. */
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { startBroker } from "../../runtime/broker/mod.ts";
import { connect } from "../../runtime/client/mod.ts";
import { topScreen } from "../../runtime/cli/admin/top_text.ts";
import type { FunctionSummary, FunctionsView } from "../../runtime/observe/api/views.ts";
import { cli, startHopper } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { assertGivenBack, endOf, inShell } from "../support/terminal.ts";

const says = `import { rpc } from "hopper"; export default rpc("says", (text) => text);`;

Deno.test("On a terminal hopper top draws a table until q, and says when the runtime is gone", async () => {
  await using broker = await startBroker({ port: 0, memory: true });
  const args = ["--admin", `127.0.0.1:${freePort()}`];
  await using hopper = await startHopper({ functions: { says }, broker: broker.url, args });
  await using top = inShell([Deno.execPath(), ...cli("top")], { cwd: hopper.dir });

  await top.shows(/says +running +0\.0 +- +- +- +0/);
  await using client = await connect(broker.url);
  await client.call("says", "x");
  await top.shows(/says +running +0\.[1-9] +[\d,]+ ms +[\d,]+ ms +0 % +0/);
  await top.shows(/q quits/);
  await hopper.stop();
  await top.shows(/! No runtime answers at /);
  await top.press("q");
  const { code, settings } = await endOf(top);
  assert.equal(code, "0");
  assertGivenBack(settings);
});

Deno.test("The table of hopper top fits the terminal, and says how many functions are left out", () => {
  const of = (name: string): FunctionSummary => ({
    name,
    file: `${name}.ts`,
    trigger: "queue",
    binding: "",
    queue: name,
    state: "running",
    inFlight: 0,
    stats: {
      rate: 1,
      seconds: [],
      failedSeconds: [],
      total: { handled: 0, failed: 0, retried: 0, dead: 0 },
    },
  });
  const names = Array.from({ length: 50 }, (_, index) => `f${index}\x1b[2J`);
  const view: FunctionsView = {
    runtime: {
      version: "1.0.0",
      broker: "amqp://guest@127.0.0.1",
      started: "2026-03-01T00:00:00.000Z",
      missing: [],
      trusted: true,
      keepPayloads: true,
      command: "deno task hopper",
    },
    functions: names.map(of),
    problems: [],
    notices: [],
  };
  const screen = topScreen(view, "q quits", { columns: 40, rows: 12 });

  const lines = stripVTControlCharacters(screen).split("\r\n");
  assert.equal(lines.length, 12);
  for (const line of lines) assert.ok(line.length <= 40, line);
  assert.match(screen, /… 44 more/);
  assert.ok(!screen.includes("\x1b[2J"), "a name cannot clear the terminal");
});
