/** The package on a machine that has Node and no Deno: from an empty folder to functions that run, and are called. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { hasNode, nodeMachine, packed } from "../support/machine.ts";
import { freePort } from "../support/ports.ts";
import { addEveryImport, everyReply } from "./every_import.ts";
import { Typed } from "../support/typed.ts";

const ignore = !await hasNode();

const client = (before: string) =>
  `import { connect, NoSuchFunction } from "@hopper/hopper/client";
${before}
const hopper = await connect(process.argv[2]);
try {
  await hopper.send("orders", { id: 7, items: ["bolt"] });
  console.log(await hopper.call("greet", { name: "Node" }));
  await hopper.call("nobody", 1).catch((error) => console.log(error instanceof NoSuchFunction, error.code));
} finally {
  await hopper.close();
}
`;

const javascript = client("");
const typescript = client(`import type { Client } from "@hopper/hopper/client";
export type Greet = (hopper: Client) => Promise<string>;`);

Deno.test(
  "On a machine that has only Node, a project is created, checked, tested, run, edited, deployed to and called",
  { ignore },
  async () => {
    await using made = await packed();
    await using machine = await nodeMachine(made);
    using typed = new Typed(machine, "With Node alone, the package installed");
    const port = freePort();
    const broker = `amqp://127.0.0.1:${port}`;
    const file = (path: string) => join(machine.folder, path);
    assert.notEqual((await machine.run(".", "sh", "-c", "command -v deno")).code, 0);

    const init = await typed.run(".", "npx hopper init shop");
    assert.match(init.stdout, /cd shop\n {2}npx hopper run\n {2}npx hopper call greet/);
    typed.begin();
    const flags = ["--no-admin", "--embedded-port", `${port}`];
    await using runtime = machine.start("shop", "npx", "hopper", "run", ...flags);
    await runtime.line("npx hopper call greet 30");
    typed.ended("npx hopper run");
    await typed.run("shop", "npx hopper new stock --trigger queue");
    await runtime.line("stock deployed");
    typed.mark("the first function of one's own is live");

    const call = (name: string, input: string) =>
      machine.run("shop", "npx", "hopper", "call", name, input, "--broker", broker);
    const { stdout: greeted } = await typed.run(
      "shop",
      `npx hopper call --broker ${broker} greet`,
      '{ "name": "world" }',
    );
    assert.equal(greeted, "Hello, world!\n");
    await typed.run("shop", "npx deno task check");
    await typed.run("shop", "npx deno task test");

    const greet = file("shop/functions/greet.ts");
    typed.begin();
    await Deno.writeTextFile(greet, (await Deno.readTextFile(greet)).replace("Hello", "Good day"));
    await runtime.line("greet deployed");
    typed.ended("(an edit)");
    assert.equal((await call("greet", '{ "name": "world" }')).stdout, "Good day, world!\n");

    await addEveryImport(file("shop"));
    await runtime.line("kinds deployed", { timeout: 60_000 });
    assert.equal((await call("kinds", "4")).stdout, everyReply);

    await Deno.mkdir(file("shop/next"));
    const failing =
      'import { rpc } from "hopper";\nexport default rpc("fails", () => {\n  throw new Error("no");\n});\n';
    await Deno.writeTextFile(file("shop/next/fails.ts"), failing);
    await typed.run("shop", "npx hopper deploy next --to functions");
    await runtime.line("fails deployed");
    assert.equal((await call("fails", "1")).stderr, "hopper: Error: no\n");
    // The line of the function's file, and no line of the package.
    await runtime.line("Error: no (functions/fails.ts:3:9)");

    const replies = "Good day, Node!\ntrue NO_SUCH_FUNCTION\n";
    await Deno.writeTextFile(file("client.mjs"), javascript);
    assert.equal((await typed.run(".", `node client.mjs ${broker}`)).stdout, replies);
    await runtime.line("Order 7: bolt");
    await Deno.writeTextFile(file("typed.mts"), typescript);
    await typed.run(".", "npm install --no-audit --no-fund typescript@5 @types/node@20");
    await typed.run(".", "npx tsc --strict --module nodenext --target es2022 typed.mts");
    assert.equal((await typed.run(".", `node typed.mjs ${broker}`)).stdout, replies);

    runtime.signal("SIGTERM");
    await runtime.line(/stopped: /);
    assert.doesNotMatch(runtime.output.join("\n"), /@hopper\/hopper\/(?:dist|runtime)/);
  },
);
