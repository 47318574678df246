import assert from "node:assert/strict";
import { ownLine } from "../../../runtime/core/text/own_line.ts";

const lineOf = (...frames: string[]) =>
  ownLine(
    ["Error: no", ...frames.map((frame) => `    at ${frame}`)].join("\n"),
    "/srv/app/functions",
    "/srv/app",
  );

Deno.test("The first line of a stack in the project's own files is shown with a relative path", () => {
  const own = "charge (file:///srv/app/functions/billing/charge.ts:12:5)";
  assert.equal(lineOf(own, "file:///srv/app/functions/other.ts:1:1"), "functions/billing/charge.ts:12:5");
  assert.equal(lineOf("async file:///srv/app/lib/a%20b.ts:3:1"), "lib/a b.ts:3:1");
  assert.equal(
    lineOf(
      "mainFetch (ext:deno_fetch/26_fetch.js:182:11)",
      "node:internal/process:1:2",
      "get (file:///srv/app/node_modules/axios/index.js:1:1)",
      "get (file:///root/.cache/deno/npm/registry.npmjs.org/axios/1.0.0/index.js:1:1)",
      `execute (${new URL("../../../runtime/host/execute/execute.ts", import.meta.url)}:46:2)`,
      own,
    ),
    "functions/billing/charge.ts:12:5",
  );
});

Deno.test("A line in a functions folder outside the project is shown with its whole path", () => {
  const stack = "Error\n    at file:///data/functions/a.ts:1:2";
  assert.equal(ownLine(stack, "/data/functions", "/srv/app"), "/data/functions/a.ts:1:2");
});

Deno.test("A stack without a line of the project shows nothing", () => {
  assert.equal(lineOf("ext:core/mod.js:1:1"), undefined);
  assert.equal(lineOf("file:///%E0%A4%A/x.ts:1:1"), undefined);
  assert.equal(ownLine(undefined, "/a", "/b"), undefined);
});
