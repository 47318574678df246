import assert from "node:assert/strict";
import { pathsIn } from "../../.ci/architecture.ts";

Deno.test("Files are found where a page names them in backticks or links to them, each once", () => {
  const page =
    "1. `runtime/app.ts`, `runtime/cli/` and `deno task ok`; [p01](../tests/faults/p01_test.ts), " +
    "`runtime/app.ts` again; [elsewhere](https://example.com/runtime/x.ts)";
  assert.deepEqual(pathsIn(page), ["runtime/app.ts", "runtime/cli/", "tests/faults/p01_test.ts"]);
});
