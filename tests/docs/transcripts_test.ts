/** What pages show of commands, run as it stands there. */

import assert from "node:assert/strict";
import { isAsShown, play, stepsOf } from "../support/transcript.ts";

const docs = new URL("../../docs/", import.meta.url);

for await (const { name } of Deno.readDir(docs)) {
  if (!name.endsWith(".md")) continue;
  const page = await Deno.readTextFile(new URL(name, docs));
  if (!page.includes("```sh transcript\n")) continue;
  Deno.test(`What docs/${name} shows of commands is what they print`, () => play(stepsOf(page)));
}

Deno.test("A page's transcripts and its functions are steps in its order", () => {
  const page =
    "```sh transcript\n$ a\none\n\ntwo\n$ b\n```\n\n```ts\n// functions/f.ts\ncode\n```\n\n```sh\nnot this\n```\n" +
    "```ts\nnor this\n```\n";
  assert.deepEqual(stepsOf(page), [
    { kind: "command", command: "a", shown: ["one", "", "two"] },
    { kind: "command", command: "b", shown: [] },
    { kind: "file", path: "functions/f.ts", text: "// functions/f.ts\ncode\n" },
  ]);
});

Deno.test("What is printed may differ from what is shown in times and ids, and where '…' stands", () => {
  assert.ok(isAsShown(["ready in 5 ms", "12:00:01 ✓ f 01a2…"], [
    "ready in 77 ms",
    "09:13:00 ✓ f 01a223d5-d31f-7127-aefe-b0650eaa710b",
  ]));
  assert.ok(isAsShown(["a", "…", "d (…)"], ["a", "b", "c", "d (x)"]));
  assert.ok(!isAsShown(["a"], ["a", "b"]));
  assert.ok(!isAsShown(["a.c"], ["abc"]));
  assert.ok(isAsShown([], []));
});
