import assert from "node:assert/strict";
import { z } from "zod";
import { describeIssue, type StandardSchema } from "../../../runtime/core/api/schema.ts";

Deno.test("A schema issue is described with the path to its value", () => {
  assert.equal(describeIssue({ message: "Expected a number", path: ["age"] }), "age: Expected a number");
  assert.equal(
    describeIssue({ message: "Too small", path: ["items", 0, "count"] }),
    "items.0.count: Too small",
  );
  assert.equal(describeIssue({ message: "Bad", path: [{ key: "a" }, { key: 1 }] }), "a.1: Bad");
  assert.equal(describeIssue({ message: "Bad", path: [Symbol("x")] }), "Symbol(x): Bad");
});

Deno.test("A schema issue about the whole value is described without a path", () => {
  assert.equal(describeIssue({ message: "Expected an object" }), "Expected an object");
  assert.equal(describeIssue({ message: "Expected an object", path: [] }), "Expected an object");
});

Deno.test("A zod schema works as a Standard Schema", async () => {
  const schema: StandardSchema<{ id: string }, { id: number }> = z.object({
    id: z.string().transform(Number),
  });
  const check = schema["~standard"].validate;

  assert.deepEqual(await check({ id: "7" }), { value: { id: 7 } });
  const refused = await check({ id: 7 });
  assert.ok(refused.issues);
  assert.equal(describeIssue(refused.issues[0]!), "id: Invalid input: expected string, received number");
});
