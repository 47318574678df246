/** Two projects on one machine, each with its own embedded broker. */

import assert from "node:assert/strict";
import { withFolder } from "../support/folder.ts";
import { cli, hopperCommand } from "../support/hopper.ts";
import { freePort } from "../support/ports.ts";
import { start } from "../support/process.ts";

const hopper = import.meta.resolve("../../runtime/mod.ts");

const project = (name: string) =>
  withFolder({
    "deno.json": JSON.stringify({ imports: { hopper } }),
    "functions/who.ts": `import { rpc } from "hopper";\nexport default rpc("who", () => "${name}");\n`,
  });

function run(cwd: string, port: number) {
  const args = ["run", "--no-admin", "--embedded-port", `${port}`];
  return start(Deno.execPath(), [...cli(), ...args], { cwd });
}

Deno.test("A second project gets advice to use a free port, and then runs beside the first with its own data", async () => {
  await using first = await project("first");
  await using second = await project("second");
  const port = freePort();
  await using one = run(first.path, port);
  await one.line("Try: ");

  const refused = await run(second.path, port).exit();
  assert.equal(refused.code, 1);
  const said = /in use by another program, .* to start another one beside it: --embedded-port (\d+)/;
  const free = Number(said.exec(refused.stderr)?.[1]);
  assert.ok(free > port, refused.stderr);

  await using two = run(second.path, free);
  // It names the broker's address, because commands do not look for a broker there.
  const attempt = await two.line(/call who .*--broker/);
  assert.ok(attempt.endsWith(`--broker amqp://127.0.0.1:${free}`), attempt);
  for (const [at, name] of [[port, "first"], [free, "second"]] as const) {
    const { stdout, stderr } = await hopperCommand(["call", "who", "1"], {
      broker: `amqp://127.0.0.1:${at}`,
    });
    assert.equal(stdout, `${name}\n`, stderr);
  }
  for (const folder of [first, second]) assert.ok((await Deno.stat(folder.at(".hopper"))).isDirectory);
});

Deno.test("A second runtime in the same folder is refused, because the first one uses it", async () => {
  await using folder = await project("first");
  await using one = run(folder.path, freePort());
  await one.line("Try: ");

  const { code, stderr } = await run(folder.path, freePort()).exit();
  assert.equal(code, 1);
  assert.match(stderr, /^hopper: The folder '\.hopper' is in use by the embedded broker of another runtime/);
});
