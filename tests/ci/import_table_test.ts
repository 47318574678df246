import assert from "node:assert/strict";
import { findBreaches, findFiles, findOverlong, readImports } from "../../.ci/import_table.ts";

const breach = (file: string, target: string) => findBreaches([{ file, line: 3, target }])[0];

Deno.test("A part may import itself and the parts that the table lists", () => {
  assert.equal(breach("runtime/core/body/codec.ts", "runtime/core/api/errors.ts"), undefined);
  assert.equal(breach("runtime/dispatch/settle/settle.ts", "runtime/core/ports/outcome.ts"), undefined);
  assert.equal(breach("runtime/app.ts", "runtime/link/connection.ts"), undefined);
  assert.equal(breach("functions/billing/charge.ts", "runtime/mod.ts"), undefined);
});

Deno.test("A breach is reported with its file, line, import and what the table allows", () => {
  assert.equal(
    breach("runtime/core/body/codec.ts", "runtime/link/uri.ts"),
    `runtime/core/body/codec.ts:3 imports "runtime/link/uri.ts"; "core" may import nothing but itself`,
  );
  assert.equal(
    breach("runtime/client/mod.ts", "runtime/broker/server.ts"),
    `runtime/client/mod.ts:3 imports "runtime/broker/server.ts"; "client" may import core, link, amqp and trace`,
  );
});

Deno.test("The broker and the other parts do not import each other", () => {
  assert.ok(breach("runtime/broker/server.ts", "runtime/core/ports/events.ts"));
  assert.ok(breach("runtime/dispatch/consume.ts", "runtime/broker/server.ts"));
  for (const file of ["runtime/app.ts", "runtime/testing.ts", "runtime/cli/run.ts"]) {
    assert.equal(breach(file, "runtime/broker/server.ts"), undefined);
  }
});

Deno.test("Only link and client may import amqplib", () => {
  assert.equal(breach("runtime/link/connection.ts", "npm:amqplib@2.3.1"), undefined);
  assert.equal(breach("runtime/core/settings/settings.ts", "npm:zod@4.6.7"), undefined);
  assert.equal(breach("runtime/core/settings/settings.ts", "node:buffer"), undefined);
  assert.equal(
    breach("runtime/dispatch/consume.ts", "npm:/amqplib@2.3.1"),
    `runtime/dispatch/consume.ts:3 imports "npm:/amqplib@2.3.1"; only link and client may import amqplib`,
  );
});

Deno.test("A part that is not in the table is a breach", () => {
  assert.match(breach("runtime/misc/thing.ts", "runtime/core/api/errors.ts")!, /"misc" is not in the table/);
});

Deno.test("A room imports only rooms of its part that are below it", () => {
  assert.equal(breach("runtime/dispatch/poison/policy.ts", "runtime/dispatch/settle/move.ts"), undefined);
  assert.equal(breach("runtime/dispatch/serve.ts", "runtime/dispatch/poison/policy.ts"), undefined);
  assert.equal(
    breach("runtime/dispatch/settle/move.ts", "runtime/dispatch/poison/policy.ts"),
    'runtime/dispatch/settle/move.ts:3 imports "runtime/dispatch/poison/policy.ts"; ' +
      '"dispatch/settle" may import dispatch/delivery',
  );
  assert.ok(breach("runtime/discover/folder/walk.ts", "runtime/discover/catalog.ts"));
});

Deno.test("A room that is not in the table is a breach, in a part that has floors", () => {
  assert.match(
    breach("runtime/dispatch/misc/thing.ts", "runtime/dispatch/drain.ts")!,
    /"dispatch\/misc" is not among the rooms/,
  );
  assert.equal(breach("runtime/broker/misc/thing.ts", "runtime/broker/errors.ts"), undefined);
});

Deno.test("A file of the runtime with more than 400 lines is reported", () => {
  assert.deepEqual(findOverlong({ "runtime/a.ts": 400, "runtime/b.ts": 401, "functions/c.ts": 900 }), [
    "runtime/b.ts has 401 lines, more than 400; split it by verb",
  ]);
});

Deno.test("Imports are found as Deno resolves them: types, dynamic and mapped imports, but not text", async () => {
  const root = await Deno.makeTempDir({ prefix: "hopper-imports-test-" });
  try {
    await write(root, {
      "deno.json": `{ "imports": { "hopper": "./runtime/mod.ts", "amqplib": "npm:amqplib@2.3.1" } }`,
      "runtime/mod.ts": `import type { Trigger } from "./core/api/trigger.ts";\nexport type X = Trigger;`,
      "runtime/core/api/trigger.ts": `export type Trigger = string;\nawait import("../../link/uri.ts");`,
      "runtime/link/uri.ts": `export * from "amqplib";\nconst text = \`\nimport "./text.ts";\n\`;`,
      "functions/fib.ts": `import { rpc } from "hopper";`,
    });
    const files = findFiles(root);
    assert.deepEqual(files, [
      "functions/fib.ts",
      "runtime/core/api/trigger.ts",
      "runtime/link/uri.ts",
      "runtime/mod.ts",
    ]);
    assert.deepEqual((await readImports(root, files)).toSorted((a, b) => a.file < b.file ? -1 : 1), [
      { file: "functions/fib.ts", line: 1, target: "runtime/mod.ts", isType: false },
      { file: "runtime/core/api/trigger.ts", line: 2, target: "runtime/link/uri.ts", isType: false },
      { file: "runtime/link/uri.ts", line: 1, target: "npm:amqplib@2.3.1", isType: false },
      { file: "runtime/mod.ts", line: 1, target: "runtime/core/api/trigger.ts", isType: true },
    ]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

async function write(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, source] of Object.entries(files)) {
    await Deno.mkdir(`${root}/${path.split("/").slice(0, -1).join("/")}`, { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, source);
  }
}
