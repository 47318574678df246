import assert from "node:assert/strict";
import { type Edge, findCircles } from "../../.ci/circles.ts";

/** `a b` is an import of values, `a:b` one of types. */
const edges = (...texts: string[]): Edge[] =>
  texts.map((text) => {
    const [file, target] = text.split(/[ :]/) as [string, string];
    return { file, target, isType: text.includes(":") };
  });

/** What is found, without the advice. */
const found = (...texts: string[]) => findCircles(edges(...texts), {}).map((line) => line.split(";")[0]);

Deno.test("Files that import one way are no circle", () => {
  assert.deepEqual(found("a b", "a c", "b c", "c:d", "a:d"), []);
});

Deno.test("A circle of values is told by its shortest way round", () => {
  assert.deepEqual(found("a b", "b c", "c a", "b d", "d a", "d b", "x a"), [
    "a → b → c → a is a circle of imports",
  ]);
});

Deno.test("A circle that types alone close is told as one of types", () => {
  assert.deepEqual(found("a b", "b:a"), ["a → b → a is a circle of type imports"]);
});

Deno.test("Each circle is told once, and one of values not once more as one of types", () => {
  assert.deepEqual(found("a b", "b a", "b:c", "c:b", "x:y", "y:x"), [
    "a → b → a is a circle of imports",
    "x → y → x is a circle of type imports",
  ]);
});

Deno.test("A file may not import itself", () => {
  assert.deepEqual(found("a a"), ["a → a is a circle of imports"]);
});

Deno.test("A circle that is meant is told once a further file is in it", () => {
  const known = { "a, b": "they are two halves of one thing" };
  assert.equal(findCircles(edges("a b", "b:a", "b:c", "c:b"), known).length, 1);
});

Deno.test("A circle of types that is meant is not told, one of values always is", () => {
  const known = { "a, b": "they are two halves of one thing" };
  assert.deepEqual(findCircles(edges("a b", "b:a"), known), []);
  assert.equal(findCircles(edges("a b", "b a"), known).length, 1);
});
