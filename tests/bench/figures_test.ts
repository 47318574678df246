import assert from "node:assert/strict";
import { inOrder, median, percentile, ratios, spread } from "./figures.ts";

Deno.test("The median is the middle value, and of an even number the mean of the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("A percentile is a value that this share of the values does not exceed", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(values, 50), 51);
  assert.equal(percentile(values, 99), 100);
  assert.equal(percentile([7], 99), 7);
});

Deno.test("Ratios compare what was measured in the same round", () => {
  assert.deepEqual(ratios([10, 30], [20, 20]), [0.5, 1.5]);
  assert.deepEqual(ratios([10, 30], [20]), [0.5]);
});

Deno.test("A spread has the lowest and the highest value beside the median", () => {
  assert.deepEqual(spread([3, 1, 8]), { median: 3, min: 1, max: 8 });
});

Deno.test("The order of contenders turns around in every second round", () => {
  assert.deepEqual(inOrder(["a", "b"], 0), ["a", "b"]);
  assert.deepEqual(inOrder(["a", "b"], 1), ["b", "a"]);
});
