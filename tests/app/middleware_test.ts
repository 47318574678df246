/** Middleware of files and of deploy.config.ts: how it is loaded, in which order it runs, and how it changes. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import type { Config } from "../../runtime/mod.ts";
import { hopperImports, withFunctions } from "../support/functions.ts";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const denoJson = JSON.stringify({ imports: hopperImports });

/** Puts its name around a text that the handler returns. */
const named = (name: string) =>
  `import type { Middleware } from "hopper";
  const ${name}: Middleware = async (run, next) => {
    const { body, contentType } = await next();
    const inside = JSON.parse(new TextDecoder().decode(body));
    return { body: new TextEncoder().encode(JSON.stringify("${name}(" + inside + ")")), contentType };
  };
  export default ${name};`;
const handler = `import { rpc } from "hopper"; import own from "./_own.ts";
  export default rpc("f", { use: [own] }, () => "handler");`;
const files = {
  "deno.json": denoJson,
  "middleware/first.ts": named("first"),
  "middleware/second.ts": `${named("second")} import "./helper.ts";`,
  "middleware/helper.ts": "",
  "functions/_own.ts": named("own"),
  "functions/f.ts": handler,
};

for (const isolate of ["process", "inline"] as const) {
  Deno.test(`The operator's middleware is around the file's own, which is around the handler (${isolate})`, async () => {
    await using functions = await withFunctions(files);
    const at = (name: string) => functions.folder.at(`middleware/${name}.ts`);
    const defaults = { isolate, use: [at("first")] };
    const config: Config = { defaults, functions: { "f*": { use: [at("first"), at("second")] } } };
    assert.deepEqual(await functions.problems(config), {});
    assert.equal(await functions.result("f"), "first(second(own(handler)))");
    // The last entry that matches counts, and a file cannot take the operator's away.
    await functions.read({ defaults });
    assert.equal(await functions.result("f"), "first(own(handler))");
    await functions.read({ defaults, functions: { f: { use: [] } } });
    assert.equal(await functions.result("f"), "own(handler)");

    await functions.read({ defaults });
    await Deno.writeTextFile(at("first"), named("changed"));
    await functions.read({ defaults });
    assert.equal(await functions.result("f"), "changed(own(handler))");
  });
}

Deno.test("A module of middleware that cannot be used keeps its functions from running, and the problem says why", async () => {
  await using functions = await withFunctions({
    ...files,
    "middleware/none.ts": "export const middleware = () => {};",
    "middleware/text.ts": `export default "text";`,
    "middleware/throws.ts": `throw new Error("No flags");`,
    "middleware/denied.ts": `Deno.readTextFileSync("/etc/passwd"); export default () => {};`,
    "middleware/broken.ts": `export default (`,
    "middleware/.secret.ts": `export default (_run, next) => next();`,
  });
  const told = async (path: string, isolate: "process" | "inline" = "process") =>
    (await functions.problems({ defaults: { isolate, use: [path] } }))["functions/f.ts"]
      ?.replaceAll(functions.folder.path, "…");
  const at = (name: string) => functions.folder.at(`middleware/${name}.ts`);
  const says = (name: string) => `The middleware '…/middleware/${name}.ts', which deploy.config.ts names,`;
  for (const isolate of ["process", "inline"] as const) {
    assert.equal(
      await told(at("absent"), isolate),
      `${
        says("absent")
      } does not exist; check its path in deploy.config.ts, which begins at the folder of that file`,
    );
    assert.equal(
      await told(at("none"), isolate),
      `${says("none")} has no default export; write there: export default (run, next) => next()`,
    );
    assert.equal(
      await told(at("text"), isolate),
      `${says("text")} exports no function as its default; write there: export default (run, next) => next()`,
    );
    assert.match((await told(at("throws"), isolate))!, /fails to load: Error: No flags; correct the module/);
    assert.match((await told(at("broken"), isolate))!, /fails to load: .*correct the module/s);
  }
  assert.match((await told(at("denied")))!, /fails to load: NotCapable: Requires read access/);
  assert.match((await told(at(".secret")))!, /lies where functions may not import from; move it below/);
  assert.match((await told("/etc/hosts.ts"))!, /lies where functions may not import from|does not exist/);
  assert.equal(await told(at("first")), undefined);
});

Deno.test("What is no middleware is refused in a file and in deploy.config.ts", async () => {
  await using functions = await withFunctions({
    "deno.json": denoJson,
    "functions/a.ts": `import { queue } from "hopper";
      export default queue("a", { use: [(_run, next) => next(), "./audit.ts"] as never }, () => {});`,
  });
  assert.deepEqual(await functions.problems(), {
    "functions/a.ts": `Option 'use.1': expected a function, (run, next) => next(), got "./audit.ts"; ` +
      "for example: use: [(run, next) => next()]",
  });
});

testOnBroker(
  "A change of the operator's middleware replaces the code that it is around, and a broken one leaves what runs",
  async ({ broker }) => {
    await using hopper = await startHopper({
      functions: {
        f: `import { rpc } from "hopper"; export default rpc("f", () => "handler");`,
        g: `import { rpc } from "hopper"; export default rpc("g", (end) => end ? Deno.exit(1) : "other");`,
      },
      files: { "deno.json": denoJson, "middleware/around.ts": named("one") },
      config: `export default { functions: { f: { use: ["./middleware/around.ts"] },
        g: { use: ["./middleware/around.ts"] } } };`,
      broker: broker.url,
    });
    await using client = await connect(broker.url);
    assert.equal(await client.call("f"), "one(handler)");
    assert.equal(await client.call("g"), "one(other)");

    await Deno.writeTextFile(`${hopper.dir}/middleware/around.ts`, named("two"));
    await hopper.events("deployed", 2, { change: "code" });
    assert.equal(await client.call("f"), "two(handler)");
    assert.equal(await client.call("g"), "two(other)");

    await Deno.writeTextFile(`${hopper.dir}/middleware/around.ts`, "export default 5;");
    await hopper.events("problem", 2);
    assert.equal(await client.call("f"), "two(handler)");
    // Its process starts anew, from the copy of its version.
    await assert.rejects(client.call("g", true));
    assert.equal(await client.call("g"), "two(other)");
  },
);

testOnBroker("hopper list --verbose shows what is around a handler, in its order", async ({ broker }) => {
  await using hopper = await startHopper({
    functions: { _own: named("own"), f: handler },
    files: { "deno.json": denoJson, "middleware/first.ts": named("first") },
    config: `export default { functions: { "*": { use: ["./middleware/first.ts"], prefetch: 7 } } };`,
    broker: broker.url,
  });
  const { stdout } = await hopperCommand(["list", "--verbose"], { cwd: hopper.dir });
  assert.deepEqual(stdout.split("\n").slice(3).map((line) => line.trimEnd().replace(/ {2,}/g, "  ")), [
    "f",
    `  prefetch  7  deploy.config.ts: functions["*"]`,
    `  use  middleware/first.ts  deploy.config.ts: functions["*"]`,
    "  own  file",
    "",
  ]);
});
