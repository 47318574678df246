import assert from "node:assert/strict";
import fc from "fast-check";
import { shown } from "../../../runtime/core/text/shown.ts";

Deno.test("A message quotes a value so that 20 and '20' can be told apart", () => {
  assert.equal(shown(20), "20");
  assert.equal(shown("20"), '"20"');
  assert.equal(shown(NaN), "NaN");
  assert.equal(shown(20n), "20n");
  assert.equal(shown(undefined), "undefined");
  assert.equal(shown(null), "null");
  assert.equal(shown({ attempts: 3 }), '{"attempts":3}');
  assert.equal(shown(() => 1), "a function");
});

Deno.test("A long value is cut", () => {
  assert.equal(shown("x".repeat(200), 10), '"xxxxxxxxx…');
});

Deno.test("Nothing can be passed that makes it throw", () => {
  fc.assert(fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
    assert.ok(shown(value).length <= 81);
  }));
  const hostile = {
    toJSON() {
      throw new Error("no");
    },
  };
  assert.equal(shown(hostile), "an object");
});
