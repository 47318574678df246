/** A user's project while it runs: changes of deno.json, and of files beside the functions. */

import assert from "node:assert/strict";
import { connect } from "../../runtime/client/mod.ts";
import { startHopper } from "../support/hopper.ts";
import type { Vhost } from "../support/rabbitmq.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const hopper = import.meta.resolve("../../runtime/mod.ts");

/** A runtime in a project with a deno.json, whose only function returns what `lib/x.ts` exports. */
async function running(vhost: Vhost) {
  await using stack = new AsyncDisposableStack();
  const denoJson = (more = {}) => JSON.stringify({ imports: { hopper, "@/": "./", ...more } });
  const runtime = stack.use(
    await startHopper({
      functions: {
        f: `import { x } from "@/lib/x.ts";\nimport { rpc } from "hopper";\nexport default rpc("f", () => x);`,
      },
      broker: vhost.url,
      files: { "deno.json": denoJson(), "lib/x.ts": `export const x = "one";` },
    }),
  );
  await runtime.event("ready");
  const client = stack.use(await connect(vhost.url));
  const owned = stack.move();
  return {
    runtime,
    client,
    denoJson,
    write: (name: string, text: string) => Deno.writeTextFile(`${runtime.dir}/${name}`, text),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

testOnBroker(
  "A change of an imported file outside the functions folder goes live",
  async ({ vhost }) => {
    await using to = await running(vhost);
    assert.equal(await to.client.call("f"), "one");
    await to.write("lib/x.ts", `export const x = "two";`);
    await to.runtime.event("deployed", { function: "f" });
    assert.equal(await to.client.call("f"), "two");
  },
);

testOnBroker(
  "Changes while deno.json is half-written go live when it is complete",
  async ({ vhost }) => {
    await using to = await running(vhost);
    await to.write("deno.json", "{ half");
    await to.write("lib/x.ts", `export const x = "two";`);
    await to.runtime.event(
      "notice",
      ({ message = "" }) => message.startsWith("A change could not be applied and will be tried again"),
    );
    assert.equal(await to.client.call("f"), "one", "what runs goes on meanwhile");

    await to.write("deno.json", to.denoJson());
    await to.runtime.event("deployed", { function: "f" });
    assert.equal(await to.client.call("f"), "two");
  },
);

testOnBroker(
  "Adding the missing import to deno.json, as the problem suggests, makes the file load",
  async ({ vhost }) => {
    await using to = await running(vhost);
    await to.write(
      "functions/g.ts",
      `import { rpc } from "hopper";\nimport ms from "milliseconds";\nexport default rpc("g", () => ms("1s"));`,
    );
    const { message } = await to.runtime.event("problem", ({ file }) => String(file).endsWith("g.ts"));
    assert.match(message!, /"milliseconds"/);

    await to.write("deno.json", to.denoJson({ milliseconds: "npm:ms@2.1.3" }));
    await to.runtime.event("deployed", { function: "g" });
    assert.equal(await to.client.call("g"), 1000);
  },
);

testOnBroker("Switching a ConfigMap is one change of all its files", async ({ vhost }) => {
  await using to = await running(vhost);
  const source = (name: string, text: string) =>
    `import { rpc } from "hopper";\nimport { t } from "./_t.ts";\nexport default rpc("${name}", () => "${text} " + t);`;
  const folder = `${to.runtime.dir}/functions`;
  const make = async (version: string) => {
    await Deno.mkdir(`${folder}/..${version}`);
    for (const name of ["a", "b"]) {
      await Deno.writeTextFile(`${folder}/..${version}/${name}.ts`, source(name, version));
    }
    await Deno.writeTextFile(`${folder}/..${version}/_t.ts`, `export const t = "t ${version}";`);
    await Deno.symlink(`..${version}`, `${folder}/..data_tmp`);
    await Deno.rename(`${folder}/..data_tmp`, `${folder}/..data`);
  };
  await make("one");
  for (const name of ["a.ts", "b.ts", "_t.ts"]) await Deno.symlink(`..data/${name}`, `${folder}/${name}`);
  for (const name of ["a", "b"]) await to.runtime.event("deployed", { function: name });
  assert.equal(await to.client.call("a"), "one t one");

  await make("two");
  for (const name of ["a", "b"]) await to.runtime.events("deployed", 2, { function: name });
  assert.deepEqual([await to.client.call("a"), await to.client.call("b")], ["two t two", "two t two"]);
});
