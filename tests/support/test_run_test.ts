import assert from "node:assert/strict";
import { readFiles, readTotals } from "./test_run.ts";

Deno.test("Totals are added up over the files of a report", () => {
  const report = `<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="deno test" tests="6" failures="1" errors="0" time="0.1">
      <testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="1"></testsuite>
      <testsuite name="./b_test.ts" tests="2" disabled="0" errors="0" failures="0"></testsuite>
    </testsuites>`;

  assert.deepEqual(readTotals(report), { passed: 4, failed: 1, ignored: 1 });
});

Deno.test("An empty report, of a run that was interrupted, is no test at all", () => {
  assert.deepEqual(readTotals(""), { passed: 0, failed: 0, ignored: 0 });
});

Deno.test("What each file came to is told too", () => {
  const report = `<testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="1">`;

  assert.deepEqual([...readFiles(report)], [["./a_test.ts", { passed: 2, failed: 1, ignored: 1 }]]);
});
