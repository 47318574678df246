import assert from "node:assert/strict";
import { z } from "zod";
import { emptyOf, fieldOf, jsonOf } from "../../../runtime/observe/page/parts/schema.js";

Deno.test("A schema of zod becomes a form, and what is entered becomes JSON that fits the schema", () => {
  const schema = z.object({
    order: z.int(),
    price: z.number(),
    currency: z.enum(["EUR", "USD"]),
    note: z.string().optional(),
    express: z.boolean(),
    items: z.array(z.object({ sku: z.string(), count: z.int() })),
  });
  const field = fieldOf(z.toJSONSchema(schema));

  assert.equal(field.kind, "object");
  assert.deepEqual(field.fields!.map(({ name, kind, isRequired }) => [name, kind, isRequired]), [
    ["order", "number", true],
    ["price", "number", true],
    ["currency", "choice", true],
    ["note", "text", false],
    ["express", "boolean", true],
    ["items", "array", true],
  ]);
  const entered = {
    ...emptyOf(field) as Record<string, unknown>,
    order: "7",
    price: "1.50",
    items: [{ sku: "bolt", count: "12" }],
  };
  const json = jsonOf(field, entered)!;
  assert.equal(
    json,
    `{ "order": 7, "price": 1.50, "currency": "EUR", "express": false, "items": [{ "sku": "bolt", "count": 12 }] }`,
  );
  assert.ok(schema.safeParse(JSON.parse(json)).success);
});

Deno.test("What has no field of its own is written as JSON", () => {
  for (
    const schema of [
      {},
      true,
      undefined,
      { anyOf: [{ type: "string" }, { type: "number" }] },
      { type: "object", additionalProperties: { type: "string" } },
      { type: "array", prefixItems: [{ type: "string" }] },
      { type: ["string", "null"] },
      { $ref: "#/$defs/a" },
    ]
  ) assert.equal(fieldOf(schema).kind, "json", JSON.stringify(schema));
});

Deno.test("A schema that contains itself, or is very deep, ends in a box for JSON", () => {
  let schema: Record<string, unknown> = { type: "string" };
  for (let i = 0; i < 100; i++) schema = { type: "object", properties: { inner: schema } };
  let field = fieldOf(schema);
  let depth = 0;
  for (; field.kind === "object"; depth++) field = field.fields![0]!;
  assert.equal(field.kind, "json");
  assert.ok(depth < 10);
});

Deno.test("Defaults of the schema are filled in, and optional fields that are left empty are left out", () => {
  const field = fieldOf({
    type: "object",
    properties: {
      size: { type: "integer", default: 3 },
      kind: { enum: ["a", "b"], default: "b" },
      on: { type: "boolean", default: true },
      tags: { type: "array", items: { type: "string" } },
      sub: { type: "object", properties: { x: { type: "number" } } },
      choice: { enum: [1, 2] },
      any: {},
    },
    required: ["on"],
  });
  assert.equal(jsonOf(field, emptyOf(field)), `{ "size": 3, "kind": "b", "on": true }`);
});

Deno.test("A number is sent with the digits that were typed", () => {
  assert.equal(jsonOf(fieldOf({ type: "integer" }), " 12345678901234567890 "), "12345678901234567890");
});

Deno.test("What does not fit is told with the name of its field", () => {
  const field = fieldOf({
    type: "object",
    properties: { count: { type: "integer" }, extra: { anyOf: [] } },
    required: ["count"],
  });
  assert.throws(() => jsonOf(field, { count: "" }), { message: "count is missing" });
  assert.throws(() => jsonOf(field, { count: "1.5" }), { message: "count is no whole number: 1.5" });
  assert.throws(() => jsonOf(field, { count: "1", extra: "{" }), { message: "extra is no JSON: {" });
});
