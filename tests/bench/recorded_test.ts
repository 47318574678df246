import assert from "node:assert/strict";
import { compare, type Ratio, replaced } from "./recorded.ts";

const ratio = (ratio: number, contender = "hopper"): Ratio => ({
  case: "consume-100",
  broker: "embedded",
  contender,
  ratio,
});

Deno.test("A ratio has fallen when it is less than two thirds of the recorded one", () => {
  const now = (value: number) => compare([ratio(value)], [ratio(0.9)])[0]!;
  assert.equal(now(0.61).hasFallen, false);
  assert.equal(now(0.59).hasFallen, true);
  assert.equal(now(2).hasFallen, false);
  assert.equal(now(0.59).recorded, 0.9);
});

Deno.test("A ratio that is no number has fallen", () => {
  assert.equal(compare([ratio(NaN)], [ratio(0.9)])[0]!.hasFallen, true);
});

Deno.test("What is not recorded cannot have fallen", () => {
  const [one] = compare([ratio(0.1, "hopper-inline")], [ratio(0.9)]);
  assert.deepEqual(one, { ...ratio(0.1, "hopper-inline"), recorded: undefined, hasFallen: false });
});

Deno.test("What is measured once more takes the place of the first measurement", () => {
  const first = [ratio(0.3), ratio(1, "hopper-inline")];
  assert.deepEqual(replaced(first, [ratio(0.8)]), [ratio(0.8), ratio(1, "hopper-inline")]);
});
