/** The package on a machine that has Deno and no Node, from a registry. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoMachine, packed } from "../support/machine.ts";
import { connect } from "../../runtime/client/mod.ts";
import { startTestBroker } from "../../runtime/testing.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/process.ts";
import { addEveryImport, everyReply } from "./every_import.ts";
import { Typed } from "../support/typed.ts";

let made: Awaited<ReturnType<typeof packed>>;

Deno.test.beforeAll(async () => {
  made = await packed();
});
Deno.test.afterAll(async () => await made[Symbol.asyncDispose]());

Deno.test("On a machine that has only Deno, a project is created, checked, tested, run, edited, deployed to and called", async () => {
  await using machine = await denoMachine(made);
  using typed = new Typed(machine, "With Deno alone");
  const port = freePort();
  const broker = `amqp://127.0.0.1:${port}`;
  const file = (path: string) => join(machine.folder, path);
  assert.notEqual((await machine.run(".", "sh", "-c", "command -v node || command -v npm")).code, 0);

  const init = await typed.run(".", "deno run -A npm:@hopper/hopper init shop --template tutorial");
  assert.match(init.stdout, /cd shop\n {2}deno task hopper run\n {2}deno task hopper call rpc_queue 30/);
  const kept =
    (await machine.run(".", "sh", "-c", "cd ~/.cache/deno/npm/*/ && find . -name package.json")).stdout;
  assert.match(kept, /\/@hopper\/hopper\//);
  assert.doesNotMatch(kept, /deno/, "Deno does not fetch itself");
  typed.begin();
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
  typed.ended("deno task run");
  await typed.run("shop", "deno task hopper new stock --trigger queue");
  await runtime.line("stock deployed");
  typed.mark("the first function of one's own is live");

  const fib = `deno task -q hopper call rpc_queue 30 --broker ${broker}`;
  assert.equal((await typed.run("shop", fib)).stdout, "832040\n");
  for (const task of ["check", "test"]) await typed.run("shop", `deno task ${task}`);

  typed.begin();
  const source = await Deno.readTextFile(file("shop/functions/fib.ts"));
  await Deno.writeTextFile(file("shop/functions/fib.ts"), source.replace("=> fib(n))", "=> -fib(n))"));
  await runtime.line("fib deployed");
  typed.ended("(an edit)");
  assert.equal((await typed.run("shop", fib)).stdout, "-832040\n");

  await addEveryImport(file("shop"));
  await runtime.line("kinds deployed", { timeout: 60_000 });
  const kinds = `deno task -q hopper call kinds 4 --broker ${broker}`;
  assert.equal((await typed.run("shop", kinds)).stdout, everyReply);

  await Deno.mkdir(file("shop/next"));
  await Deno.writeTextFile(
    file("shop/next/half.ts"),
    `import { rpc } from "hopper";\nexport default rpc("half", (n: number) => n / 2);\n`,
  );
  await typed.run("shop", "deno task hopper deploy next --to functions");
  await runtime.line("half deployed");
  await Deno.writeTextFile(
    file("shop/client.ts"),
    `import { connect } from "hopper/client";
await using hopper = await connect(Deno.args[0]);
console.log(await hopper.call("half", 42));
`,
  );
  assert.equal((await typed.run("shop", `deno run -A client.ts ${broker}`)).stdout, "21\n");

  runtime.signal("SIGTERM");
  assert.equal((await runtime.exit()).code, 0);
});

Deno.test("The image in docs/deploying.md is built and runs, by its steps", async () => {
  const docs = await Deno.readTextFile(new URL("../../docs/deploying.md", import.meta.url));
  const steps = /```dockerfile\n(.*?)```/s.exec(docs)![1]!.trim().split("\n").map((line) =>
    line.split(/ (.*)/s)
  );
  await using machine = await denoMachine(made);
  assert.equal((await machine.run(".", "deno", "run", "-A", "npm:@hopper/hopper", "init", "shop")).code, 0);
  const port = freePort();

  let command: string[] = [];
  for (const [step, said] of steps as [string, string][]) {
    switch (step) {
      case "FROM":
        assert.match(said, /^denoland\/deno:/);
        break;
      case "WORKDIR":
        assert.equal(said, "/app");
        await Deno.mkdir(join(machine.folder, "app"));
        break;
      case "COPY": {
        const paths = said.split(" ");
        const to = join("../app", paths.pop()!);
        assert.equal((await machine.run("shop", "cp", "-r", ...paths, to)).code, 0);
        break;
      }
      case "RUN": {
        const { code, stdout, stderr } = await machine.run("app", "sh", "-c", said);
        assert.equal(code, 0, stdout + stderr);
        break;
      }
      case "CMD":
        command = JSON.parse(said.replace("0.0.0.0:8672", `127.0.0.1:${port}`));
        break;
      default:
        assert.fail(`Unknown step ${step}`);
    }
  }

  await machine.withoutRegistry();
  await using broker = await startTestBroker();
  const [program, ...args] = command;
  await using container = machine.start("app", "env", `AMQP_URL=${broker.url}`, program!, ...args);
  await container.line(/"event":"attached".*"function":"greet"/);
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`);
  assert.equal(ready.status, 204);
  await using client = await connect(broker.url);
  assert.equal(await client.call("greet", { name: "container" }), "Hello, container!");
  container.signal("SIGTERM");
  assert.equal((await container.exit()).code, 0);
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

Deno.test("The package says its version within 1.3 times of what the sources take", async () => {
  const fastest = async (path: string) => {
    let ms = Infinity;
    for (let tries = 0; tries < 5; tries++) {
      const begun = performance.now();
      const { code } = await run(Deno.execPath(), ["run", "-A", path, "--version"]);
      assert.equal(code, 0);
      ms = Math.min(ms, performance.now() - begun);
    }
    return ms;
  };
  const sources = await fastest(fileURLToPath(new URL("../../runtime/cli/main.ts", import.meta.url)));
  const ms = await fastest(join(made.folder, made.description.bin.hopper));
  assert.ok(ms <= 1.3 * sources, `${ms} ms, and ${sources} ms from the sources`);
});

Deno.test("The package is at most one megabyte, and depends only on Deno", async () => {
  assert.ok((await Deno.stat(made.tarball)).size <= 1024 * 1024);
  assert.deepEqual(Object.keys(made.description.optionalDependencies), ["deno"]);
});
