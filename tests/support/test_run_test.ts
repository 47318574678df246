import assert from "node:assert/strict";
import { addUp, denoTestBeside, failedFile, failedTests, readCases } from "./test_run.ts";
import { type Folder, withFolder } from "./folder.ts";

/** Runs the tests of a folder, or of one file in it. */
function beside(folder: Folder, path: string) {
  const args = ["--quiet", `--config=${folder.at("deno.json")}`, "--no-lock", folder.at(path)];
  return denoTestBeside(args, {}, new AbortController().signal, "null");
}

const report = `<?xml version="1.0" encoding="UTF-8"?>
  <testsuites name="deno test" tests="6" failures="3" errors="0" time="0.1">
    <testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="2">
      <testcase name="it&apos;s &lt;a&gt; &amp; &quot;b&quot;" classname="./a_test.ts" time="0.1" line="1" col="1">
        <failure message="Uncaught Error: no">Error: no, not &lt;skipped&gt;</failure>
      </testcase>
      <testcase name="later" classname="./a_test.ts" time="0" line="2" col="1">
        <skipped/>
      </testcase>
      <testcase name="good" classname="./a_test.ts" time="0" line="3" col="1">
      </testcase>
      <testcase name="whole" classname="./b_test.ts" time="0" line="1" col="1">
        <failure message="1 test step failed">1 test step failed.</failure>
      </testcase>
      <testcase name="whole &gt; part" classname="./b_test.ts" time="0" line="1" col="1">
        <failure message="Uncaught Error: x">Error: x</failure>
      </testcase>
      <testcase name="whole &gt; good part" classname="./b_test.ts" time="0" line="1" col="1">
      </testcase>
    </testsuite>
  </testsuites>`;

Deno.test("The tests in a JUnit report are counted by their outcome", () => {
  assert.deepEqual(addUp(readCases(report)), { passed: 2, failed: 3, ignored: 1 });
});

Deno.test("Failed tests are listed by their titles, and failed steps by the titles of their tests", () => {
  assert.deepEqual(failedTests(readCases(report)), [`it's <a> & "b"`, "whole"]);
});

Deno.test("The file of a failed test is read from the printed line, not from its title", () => {
  const printed = (how: string) =>
    `\x1b[0m./tests/a_test.ts => \x1b[0mA title ... \x1b[31m${how}\x1b[0m (2s)`;
  assert.equal(failedFile(printed("FAILED")), "tests/a_test.ts");
  assert.equal(failedFile(printed("ok")), undefined);
  assert.equal(failedFile("A title => ./tests/a_test.ts:1:6"), undefined);
});

Deno.test("The empty report of an interrupted run has no tests", () => {
  assert.deepEqual(readCases(""), []);
});

Deno.test("Tests that failed beside others are run again in their own files, and the second result counts", async () => {
  await using folder = await withFolder({
    "deno.json": "{}",
    // A helper registers the tests, like those that run on two brokers.
    "registers.ts": `export function once(name: string) {
      Deno.test(name, async () => {
        const seen = new URL(\`./seen \${name.length}\`, import.meta.url);
        const isFirst = !await Deno.stat(seen).then(() => true, () => false);
        await Deno.writeTextFile(seen, "");
        if (isFirst) throw new Error("Once");
      });
    }`,
    "a_test.ts": `import { once } from "./registers.ts";
      once("passes [the second] time: (1|2).*/");
      Deno.test("passes", async (t) => { await t.step("in part", () => {}); });`,
    "b_test.ts": `Deno.test("fails", async (t) => {
      await t.step("good", () => {});
      await t.step("bad", () => { throw new Error("Always"); });
    });`,
  });
  const mended = await beside(folder, "a_test.ts");
  assert.deepEqual([mended.passed, mended.failed, mended.code], [3, 0, 0]);

  await Deno.remove(folder.at("seen 34"));
  const both = await beside(folder, "");
  assert.deepEqual([both.passed, both.failed, both.code], [4, 2, 1]);
});

Deno.test("A file that fails outside of its tests fails the run, even if all tests pass the second time", async () => {
  await using folder = await withFolder({
    "deno.json": "{}",
    "a_test.ts": `Deno.test("passes the second time", async () => {
      const seen = new URL("./seen", import.meta.url);
      const isFirst = !await Deno.stat(seen).then(() => true, () => false);
      await Deno.writeTextFile(seen, "");
      if (isFirst) throw new Error("Once");
    });`,
    "b_test.ts": `Deno.test("never runs", () => {});\nthrow new Error("It does not load");`,
  });

  const { failed, code, broken } = await beside(folder, "");
  assert.deepEqual([failed, code, broken], [1, 1, true]);
});
