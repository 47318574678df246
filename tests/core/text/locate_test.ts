import assert from "node:assert/strict";
import { frameIn, placeIn, placeOfKey } from "../../../runtime/core/text/locate.ts";

const url = "file:///functions/charge.ts";

Deno.test("The place of an error is the first frame of the file in its stack", () => {
  const stack = `Error
    at declare (file:///runtime/core/function.ts:36:68)
    at file:///functions/charge.ts:3:16
    at file:///functions/charge.ts:9:1`;
  assert.deepEqual(placeIn(stack, url), { line: 3, column: 16 });
});

Deno.test("An error whose stack does not contain the file has no place", () => {
  assert.deepEqual(placeIn("Error\n    at file:///functions/other.ts:3:16", url), {});
  assert.deepEqual(placeIn("Error\n    at file:///functions/charge.ts.bak:3:16", url), {});
  assert.deepEqual(placeIn("", url), {});
});

Deno.test("A file is found in a stack by its escaped and its plain name", () => {
  const escaped = "file:///functions/a%20b.ts";
  assert.deepEqual(placeIn("at file:///functions/a%20b.ts:3:16", escaped), { line: 3, column: 16 });
  assert.deepEqual(placeIn("at file:///functions/a b.ts:3:16", escaped), { line: 3, column: 16 });
});

Deno.test("The place of an error is where it was thrown, not where it was awaited", () => {
  const own = "file:///runtime/discover/load.ts";
  const stack = (frames: string) => `TypeError: no\n${frames}`;

  assert.equal(
    frameIn(stack("    at file:///f/_vat.ts:2:1\n    at async file:///x.ts:1:1"), own),
    "/f/_vat.ts:2:1",
  );
  assert.equal(frameIn(stack("    at new Rate (file:///f/_vat.ts:2:1)"), own), "/f/_vat.ts:2:1");
  assert.equal(frameIn(stack("    at async file:///x.ts:1:1"), own), undefined);
  assert.equal(frameIn(stack(`    at ${own}:70:30`), own), undefined);
});

Deno.test("The place of an option is its key after the declaration", () => {
  const source = `// prefetch: 5 is too much
const retry = 1;
export default queue("prefetch", {
  "deadLetter": false, prefetch: 1,
  retry,
}, handler);`;

  assert.deepEqual(placeOfKey(source, "prefetch", { line: 3 }), { line: 4, column: 24 });
  assert.deepEqual(placeOfKey(source, "deadLetter", { line: 3 }), { line: 4, column: 3 });
  assert.deepEqual(placeOfKey(source, "retry", { line: 3 }), { line: 5, column: 3 });
});

Deno.test("The place of an option that is not found is the declaration", () => {
  assert.deepEqual(placeOfKey("export default declare(options);", "ack", { line: 1, column: 16 }), {
    line: 1,
    column: 16,
  });
  assert.deepEqual(placeOfKey("", "ack", {}), {});
});

Deno.test("An option's key may contain any characters when it is located", () => {
  assert.deepEqual(placeOfKey(`({ "a+b(": 1 })`, "a+b(", {}), { line: 1, column: 4 });
  assert.deepEqual(placeOfKey(`({ $cost: 1 })`, "$cost", {}), { line: 1, column: 4 });
  assert.deepEqual(placeOfKey(`({ costs: 1 })`, "cost", { line: 1 }), { line: 1 });
});
