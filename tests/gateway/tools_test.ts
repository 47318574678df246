import assert from "node:assert/strict";
import type { JsonSchema } from "../../runtime/core/contract.ts";
import { toolsOf } from "../../runtime/gateway/tools.ts";

const rpc = (name: string, input: JsonSchema | undefined = { type: "object" }) => ({
  name,
  contract: { input },
});
const names = (...rpcs: string[]) => {
  const tools = toolsOf(rpcs.map((name) => rpc(name)));
  return Object.fromEntries([...tools].map(([tool, { rpc }]) => [rpc.name, tool]));
};

Deno.test("A tool's name is the rpc's, with underscores for what language models' interfaces do not take", () => {
  assert.deepEqual(names("fib", "orders.place", "a/b c", "é-1"), {
    fib: "fib",
    "orders.place": "orders_place",
    "a/b c": "a_b_c",
    "é-1": "_-1",
  });
  for (const [name, tool] of Object.entries(names(`${"long.".repeat(40)}a`, `${"long.".repeat(40)}b`))) {
    assert.match(tool, /^[A-Za-z0-9_-]{64}$/, name);
  }
});

Deno.test("Two rpcs never have the same tool name, and which has which does not depend on the other's place", () => {
  const tools = names("a.b", "a_b", "a/b");
  assert.equal(new Set(Object.values(tools)).size, 3);
  assert.equal(tools.a_b, "a_b");
  assert.deepEqual(names("a/b", "a_b", "a.b"), tools);
});

Deno.test("Input that is no object is the argument 'input', and its references still lead to its own parts", () => {
  const tree = {
    type: "array",
    items: { $ref: "#" },
    $schema: "https://json-schema.org/draft/2020-12/schema",
  };
  const [list, text] = [...toolsOf([rpc("list", tree), rpc("text", { type: "string" })]).values()];
  assert.deepEqual(text!.inputSchema, {
    type: "object",
    properties: { input: { type: "string" } },
    required: ["input"],
  });
  assert.deepEqual(list!.inputSchema.properties, {
    input: { $id: "urn:hopper:input:list", type: "array", items: { $ref: "#" } },
  });
});

Deno.test("An rpc without a JSON Schema of its input is no tool", () => {
  assert.equal(toolsOf([{ name: "f", contract: { description: "It does" } }]).size, 0);
});
