import assert from "node:assert/strict";
import { describeProblem } from "../../runtime/core/declared.ts";

const problem = { file: "functions/a.ts", message: "No trigger exported", fix: "write: …" };

Deno.test("A problem is written with its file, line and column as far as they are known", () => {
  assert.equal(describeProblem(problem), "functions/a.ts  No trigger exported; write: …");
  assert.equal(describeProblem({ ...problem, line: 3 }), "functions/a.ts:3  No trigger exported; write: …");
  assert.equal(
    describeProblem({ ...problem, line: 3, column: 12 }),
    "functions/a.ts:3:12  No trigger exported; write: …",
  );
});
