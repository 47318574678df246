/** What a function's file says of it: in a process, inline, and remembered. */

import assert from "node:assert/strict";
import { FunctionsFolder } from "../../../runtime/app/functions_folder.ts";
import type { Config } from "../../../runtime/core/api/options.ts";
import { withFolder } from "../../support/folder.ts";
import { inFolder } from "./declaring.ts";

const add = `import { rpc } from "hopper";
import { z } from "zod";
/** Adds two numbers. */
export default rpc("add", { input: z.object({ a: z.number(), b: z.number() }), output: z.number() }, ({ a, b }) => a + b);`;

async function contracts(folder: { at(path: string): string }, config: Config = {}) {
  const functions = await FunctionsFolder.open({
    functions: folder.at("functions"),
    memory: { folder: folder.at("data"), release: "1" },
  });
  const { functions: declared, notices, problems } = await functions.read(config);
  await functions.close();
  assert.deepEqual(problems, []);
  return { contract: declared[0]!.contract, notices };
}

Deno.test("What a file says of its function is known from a process, after a restart, and inline", async () => {
  await using folder = await withFolder(inFolder({ "add.ts": add }));
  const { contract } = await contracts(folder);
  assert.equal(contract.description, "Adds two numbers.");
  assert.deepEqual(contract.input?.required, ["a", "b"]);
  assert.equal(contract.output?.type, "number");

  assert.deepEqual((await contracts(folder)).contract, contract);
  const stored = folder.at("data/declarations.json");
  const text = await Deno.readTextFile(stored);
  await Deno.writeTextFile(stored, text.replace('"required":["a","b"]', '"required":["remembered"]'));
  assert.deepEqual((await contracts(folder)).contract.input?.required, ["remembered"]);

  assert.deepEqual((await contracts(folder, { defaults: { isolate: "inline" } })).contract, contract);
});

Deno.test("A JSON Schema that is too large is left out with a notice", async () => {
  const large = add.replace("a: z.number()", `a: z.number().describe("x".repeat(70_000))`);
  await using folder = await withFolder(inFolder({ "add.ts": large }));
  const { contract, notices } = await contracts(folder);
  assert.equal(contract.input, undefined);
  assert.equal(contract.output?.type, "number");
  assert.match(notices.join("\n"), /add\.ts: its input schema as JSON Schema has more than 65536 characters/);
});
