import assert from "node:assert/strict";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import type { Schemas } from "../../../runtime/core/contract.ts";
import { readSchemas, schemasOf } from "../../../runtime/host/child/schemas.ts";

const schemas = (options: Record<string, unknown>): Schemas =>
  schemasOf({ trigger: { kind: "rpc", name: "f" }, options, handler: () => {} } as never);

Deno.test("The JSON Schemas of zod's and arktype's schemas say what a function takes and gives", () => {
  const count = z.object({ count: z.number().default(1).describe("How many") });
  const made = schemas({ input: count, output: count });
  assert.deepEqual(made.input, {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { count: { type: "number", default: 1, description: "How many" } },
  });
  assert.deepEqual(made.output?.required, ["count"]);

  assert.deepEqual(schemas({ input: type({ name: "string", "age?": "number" }) }), {
    input: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { name: { type: "string" }, age: { type: "number" } },
      required: ["name"],
    },
  });
});

Deno.test("There is no JSON Schema of what has none: valibot's schemas, dates, other values", () => {
  const throws = {
    "~standard": {
      get jsonSchema() {
        throw new Error("no");
      },
    },
  };
  for (
    const input of [v.object({ a: v.number() }), z.object({ at: z.date() }), throws, {}, null, 1, undefined]
  ) {
    assert.deepEqual(schemas({ input }), {});
  }
  assert.deepEqual(schemasOf({ options: undefined } as never), {});
});

Deno.test("A JSON Schema that is too large is left out, and named", () => {
  const large = z.object({ a: z.string().describe("x".repeat(70_000)) });
  assert.deepEqual(schemas({ input: large, output: large }), { tooLarge: ["input", "output"] });
  const made = schemas({ input: large, output: z.string() });
  assert.deepEqual(made.tooLarge, ["input"]);
  assert.equal(made.output?.type, "string");
});

Deno.test("What a process reports as schemas is not trusted", () => {
  assert.deepEqual(readSchemas(undefined), {});
  assert.deepEqual(readSchemas({ input: [], output: "x", tooLarge: [1, "other"] }), {});
  assert.deepEqual(readSchemas({ input: { a: "x".repeat(70_000) }, output: { type: "number" } }), {
    output: { type: "number" },
  });
});
