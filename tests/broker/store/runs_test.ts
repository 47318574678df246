import assert from "node:assert/strict";
import { Runs } from "../../../runtime/broker/store/runs.ts";

function drained(...numbers: number[]): [number, number][] {
  const runs = new Runs();
  for (const number of numbers) runs.add(number);
  const found: [number, number][] = [];
  runs.drain((first, last) => found.push([first, last]));
  assert.ok(runs.isEmpty);
  return found;
}

Deno.test("Numbers in a row are one run, whatever order they came in", () => {
  assert.deepEqual(drained(3, 1, 2), [[1, 3]]);
});

Deno.test("A gap ends a run", () => {
  assert.deepEqual(drained(1, 2, 4, 9), [[1, 2], [4, 4], [9, 9]]);
});

Deno.test("Nothing is no run, and twice the same is once", () => {
  assert.deepEqual(drained(), []);
  assert.deepEqual(drained(5, 5), [[5, 5]]);
});
