import assert from "node:assert/strict";
import { declarationStack, declare, isDeclaration } from "../../../runtime/core/api/function.ts";

const handler = () => {};
const trigger = { kind: "queue", queue: "orders" } as const;

Deno.test("A declaration is told apart from objects that look like one", () => {
  assert.ok(isDeclaration(declare(trigger, {}, handler)));
  for (const other of [{ trigger, options: {}, handler }, handler, null, undefined, "queue"]) {
    assert.ok(!isDeclaration(other));
  }
});

Deno.test("A declaration from another copy of the module is recognised", async () => {
  const copy = await import("../../../runtime/core/api/function.ts?copy");
  assert.ok(isDeclaration(copy.declare(trigger, {}, handler)));
});

Deno.test("A declaration remembers where it was made", () => {
  const made = declare(trigger, {}, handler);
  assert.ok(isDeclaration(made));
  assert.ok(declarationStack(made).includes(import.meta.url));
});
