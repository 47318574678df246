import assert from "node:assert/strict";
import fc from "fast-check";
import { shown } from "../../../runtime/core/text/shown.ts";

Deno.test("A value is shown so that 20 and '20' look different", () => {
  assert.equal(shown(20), "20");
  assert.equal(shown("20"), '"20"');
  assert.equal(shown(NaN), "NaN");
  assert.equal(shown(20n), "20n");
  assert.equal(shown(undefined), "undefined");
  assert.equal(shown(null), "null");
  assert.equal(shown({ attempts: 3 }), '{"attempts":3}');
  assert.equal(shown(() => 1), "a function");
});

Deno.test("A long value is cut when it is shown", () => {
  assert.equal(shown("x".repeat(200), 10), '"xxxxxxxxx…');
});

Deno.test("Every value can be shown without an error", () => {
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
