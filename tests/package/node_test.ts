/** The package on a machine that has Node and no Deno: from an empty folder to functions that run. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { hasNode, nodeMachine, packed } from "../support/machine.ts";
import { freePort } from "../support/ports.ts";

const bin = "../node_modules/.bin/hopper";

const ignore = !await hasNode();

Deno.test(
  "On a machine that has only Node, a project is created, checked, tested, run, edited and deployed to",
  { ignore },
  async () => {
    await using made = await packed();
    await using machine = await nodeMachine(made);
    const port = freePort();
    const hopper = (...args: string[]) => machine.run("shop", bin, ...args);
    const call = async (name: string, input: string) => {
      const { stdout, stderr } = await hopper("call", name, input, "--broker", `amqp://127.0.0.1:${port}`);
      return (stdout + stderr).trim();
    };

    const init = await machine.run(".", "npx", "hopper", "init", "shop");
    assert.equal(init.code, 0, init.stderr);
    assert.match(init.stdout, /cd shop\n {2}npx hopper run\n {2}npx hopper call greet/);
    for (const task of ["check", "test"]) {
      const done = await machine.run("shop", "npx", "deno", "task", task);
      assert.equal(done.code, 0, `${task}: ${done.stdout}${done.stderr}`);
    }

    await using runtime = machine.start("shop", bin, "run", "--no-admin", "--embedded-port", `${port}`);
    await runtime.line("npx hopper call greet 30");
    assert.equal(await call("greet", '{ "name": "world" }'), "Hello, world!");

    const file = join(machine.folder, "shop/functions/greet.ts");
    const source = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, source.replace("Hello", "Good day"));
    await runtime.line("greet deployed");
    assert.equal(await call("greet", '{ "name": "world" }'), "Good day, world!");

    await Deno.mkdir(join(machine.folder, "shop/next"));
    const failing =
      'import { rpc } from "hopper";\nexport default rpc("fails", () => {\n  throw new Error("no");\n});\n';
    await Deno.writeTextFile(join(machine.folder, "shop/next/fails.ts"), failing);
    const deployed = await hopper("deploy", "next", "--to", "functions");
    assert.equal(deployed.code, 0, deployed.stderr);
    await runtime.line("fails deployed");
    assert.equal(await call("fails", "1"), "hopper: Error: no");
    // The line of the function's file, and no line of the package.
    await runtime.line("Error: no (functions/fails.ts:3:9)");

    runtime.signal("SIGTERM");
    assert.equal((await runtime.exit()).code, 0);
    assert.doesNotMatch(runtime.output.join("\n"), /@hopper\/hopper\/(?:dist|runtime)/);
  },
);
