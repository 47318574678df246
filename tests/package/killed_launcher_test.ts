/** Under Node the package's command starts Deno. If one of them is killed, the runtime does not stay behind. */

import assert from "node:assert/strict";
import { hasNode, nodeMachine, packed } from "../support/machine.ts";
import { freePort } from "../support/ports.ts";

const launchers = {
  "the package's command": ["../node_modules/.bin/hopper"],
  "npx": ["npx", "hopper"],
  "a script of npm's": ["npm", "run", "--silent", "hopper", "--"],
} as const;

Deno.test("A runtime drains and ends when the program that started it is killed", {
  ignore: !await hasNode(),
}, async (t) => {
  await using made = await packed();
  await using machine = await nodeMachine(made);
  assert.equal((await machine.run(".", "npx", "hopper", "init", "shop")).code, 0);
  await Deno.writeTextFile(`${machine.folder}/shop/package.json`, `{ "scripts": { "hopper": "hopper" } }`);

  for (const [name, [program, ...args]] of Object.entries(launchers)) {
    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      await t.step(`${name}, ${signal}`, async () => {
        const flags = ["--no-admin", "--embedded-port", `${freePort()}`];
        await using runtime = machine.start("shop", program!, ...args, "run", ...flags);
        await runtime.line("npx hopper call greet");
        runtime.signal(signal);
        await runtime.line(/stopped: 0 finished, 0 put back/);
      });
    }
  }
});
