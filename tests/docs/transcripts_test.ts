/** Runs the transcripts in the pages of documentation. */

import assert from "node:assert/strict";
import { isAsShown, play, stepsOf } from "../support/transcript.ts";

const docs = new URL("../../docs/", import.meta.url);

for await (const { name } of Deno.readDir(docs)) {
  if (!name.endsWith(".md")) continue;
  const page = await Deno.readTextFile(new URL(name, docs));
  if (!page.includes("```sh transcript\n")) continue;
  Deno.test(`The commands in docs/${name} print what the page shows`, () => play(stepsOf(page)));
}

Deno.test("The transcripts and function files of a page are steps in the page's order", () => {
  const page =
    "```sh transcript\n$ a\none\n\ntwo\n$ b\n```\n\n```ts\n// functions/f.ts\ncode\n```\n\n```sh\nnot this\n```\n" +
    "```ts\nnor this\n```\n";
  assert.deepEqual(stepsOf(page), [
    { kind: "command", command: "a", shown: ["one", "", "two"] },
    { kind: "command", command: "b", shown: [] },
    { kind: "file", path: "functions/f.ts", text: "// functions/f.ts\ncode\n" },
  ]);
});

Deno.test("The printed lines may differ from the shown ones in times, ids and the text for which '…' stands", () => {
  assert.ok(isAsShown(["ready in 5 ms", "12:00:01 ✓ f 01M8…"], [
    "ready in 77 ms",
    "09:13:00 ✓ f 01M8HXBMRZE4KTXZNGCM7AMW8B",
  ]));
  assert.ok(isAsShown(["a", "…", "d (…)"], ["a", "b", "c", "d (x)"]));
  assert.ok(!isAsShown(["a"], ["a", "b"]));
  assert.ok(!isAsShown(["a.c"], ["abc"]));
  assert.ok(isAsShown([], []));
});
