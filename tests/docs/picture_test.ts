/** Compares the picture in README.md with what Hopper prints now. */

import assert from "node:assert/strict";
import { draw, linesOf, pictures, record } from "../../.ci/picture.ts";
import { withoutChance } from "../support/session.ts";

Deno.test("The picture in README.md shows what a new project prints; if it does not, run: deno task picture", async () => {
  const terminals = await record();
  const now = linesOf(draw(terminals, "light")).map(withoutChance);
  assert.ok(now.includes("Hello, world!"));
  for (const url of Object.values(pictures)) {
    assert.deepEqual(linesOf(await Deno.readTextFile(url)).map(withoutChance), now);
  }
});

Deno.test("Any text of a terminal is text in the picture, whatever it contains", () => {
  const lines = [`<script>"&'`, "✓ done", "\x1b[31mred"];
  const svg = draw([{ title: "a & b", lines }], "dark");
  assert.doesNotMatch(svg, /<script>|[^\n\P{Cc}]/u);
  assert.deepEqual(linesOf(svg), [`<script>"&'`, "✓ done", "[31mred"]);
});
