import assert from "node:assert/strict";
import { pathsIn } from "../../.ci/architecture.ts";

Deno.test("The files of a page are those that it names in backticks or links to, each once", () => {
  const page =
    "1. `runtime/app.ts`, `runtime/cli/` and `deno task ok`; [p01](../tests/faults/p01_test.ts), " +
    "`runtime/app.ts` again; [elsewhere](https://example.com/runtime/x.ts)";
  assert.deepEqual(pathsIn(page), ["runtime/app.ts", "runtime/cli/", "tests/faults/p01_test.ts"]);
});
