import assert from "node:assert/strict";
import { type Edge, findCircles } from "../../.ci/circles.ts";

/** `a b` is an import of values, and `a:b` is an import of types. */
const edges = (...texts: string[]): Edge[] =>
  texts.map((text) => {
    const [file, target] = text.split(/[ :]/) as [string, string];
    return { file, target, isType: text.includes(":") };
  });

/** The circles that are found, without the advice. */
const found = (...texts: string[]) => findCircles(edges(...texts), {}).map((line) => line.split(";")[0]);

Deno.test("Files that import in one direction are not a circle", () => {
  assert.deepEqual(found("a b", "a c", "b c", "c:d", "a:d"), []);
});

Deno.test("A circle of imports is reported by its shortest path", () => {
  assert.deepEqual(found("a b", "b c", "c a", "b d", "d a", "d b", "x a"), [
    "a → b → c → a is a circle of imports",
  ]);
});

Deno.test("A circle that exists only because of type imports is reported as a circle of types", () => {
  assert.deepEqual(found("a b", "b:a"), ["a → b → a is a circle of type imports"]);
});

Deno.test("Each circle is reported once, and a circle of values not also as one of types", () => {
  assert.deepEqual(found("a b", "b a", "b:c", "c:b", "x:y", "y:x"), [
    "a → b → a is a circle of imports",
    "x → y → x is a circle of type imports",
  ]);
});

Deno.test("A file that imports itself is a circle", () => {
  assert.deepEqual(found("a a"), ["a → a is a circle of imports"]);
});

Deno.test("An allowed circle is reported if another file joins it", () => {
  const known = { "a, b": "they are two halves of one thing" };
  assert.equal(findCircles(edges("a b", "b:a", "b:c", "c:b"), known).length, 1);
});

Deno.test("An allowed circle of types is not reported, but a circle of values always is", () => {
  const known = { "a, b": "they are two halves of one thing" };
  assert.deepEqual(findCircles(edges("a b", "b:a"), known), []);
  assert.equal(findCircles(edges("a b", "b a"), known).length, 1);
});
