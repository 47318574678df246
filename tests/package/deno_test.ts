/** The package on a machine that has Deno and no Node, from a registry. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { denoMachine, packed } from "../support/machine.ts";
import { freePort } from "../support/ports.ts";

let made: Awaited<ReturnType<typeof packed>>;

Deno.test.beforeAll(async () => {
  made = await packed();
});
Deno.test.afterAll(async () => await made[Symbol.asyncDispose]());

Deno.test("On a machine that has only Deno, a project is created, checked, tested, run and edited", async () => {
  await using machine = await denoMachine(made);
  const port = freePort();

  const init = await machine.run(
    ".",
    "deno",
    "run",
    "-A",
    "npm:@hopper/hopper",
    "init",
    "shop",
    "--template",
    "tutorial",
  );
  assert.equal(init.code, 0, init.stderr);
  assert.match(init.stdout, /cd shop\n {2}deno task hopper run\n {2}deno task hopper call rpc_queue 30/);
  for (const task of ["check", "test"]) {
    const done = await machine.run("shop", "deno", "task", task);
    assert.equal(done.code, 0, `${task}: ${done.stdout}${done.stderr}`);
  }

  await using runtime = machine.start(
    "shop",
    "deno",
    "task",
    "run",
    "--no-admin",
    "--embedded-port",
    `${port}`,
  );
  await runtime.line("deno task hopper call rpc_queue 30");
  const broker = ["--broker", `amqp://127.0.0.1:${port}`];
  const called = await machine.run(
    "shop",
    "deno",
    "task",
    "-q",
    "hopper",
    "call",
    "rpc_queue",
    "30",
    ...broker,
  );
  assert.equal(called.stdout, "832040\n", called.stderr);

  const file = join(machine.folder, "shop/functions/fib.ts");
  const source = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, source.replace("=> fib(n))", "=> -fib(n))"));
  await runtime.line("fib deployed");
  const again = await machine.run(
    "shop",
    "deno",
    "task",
    "-q",
    "hopper",
    "call",
    "rpc_queue",
    "30",
    ...broker,
  );
  assert.equal(again.stdout, "-832040\n", again.stderr);

  runtime.signal("SIGTERM");
  assert.equal((await runtime.exit()).code, 0);
});

Deno.test("A globally installed hopper command reads deploy.config.ts with the deno.json of each project", async () => {
  await using machine = await denoMachine(made);
  const installed = await machine.run(".", "deno", "install", "-g", "-A", "npm:@hopper/hopper");
  assert.equal(installed.code, 0, installed.stderr);

  assert.equal((await machine.run(".", "hopper", "--version")).stdout, `${made.description.version}\n`);
  assert.equal((await machine.run(".", "hopper", "init", "shop")).code, 0);
  const config = join(machine.folder, "shop/deploy.config.ts");
  await Deno.writeTextFile(
    config,
    (await Deno.readTextFile(config)).replace("functions: {", "defaults: { prefetch: 7 },\n  functions: {"),
  );
  const listed = await machine.run("shop", "hopper", "list");
  assert.match(listed.stdout, /^greet +rpc +- +greet +7 /m, listed.stderr);
});

Deno.test("The package is at most one megabyte, and depends only on Deno", async () => {
  assert.ok((await Deno.stat(made.tarball)).size <= 1024 * 1024);
  assert.deepEqual(Object.keys(made.description.dependencies), ["deno"]);
});
