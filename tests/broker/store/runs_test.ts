import assert from "node:assert/strict";
import { Runs } from "../../../runtime/broker/store/runs.ts";

function runsOf(...numbers: number[]): [number, number][] {
  const runs = new Runs();
  for (const number of numbers) runs.add(number);
  const found: [number, number][] = [];
  runs.each((first, last) => found.push([first, last]));
  assert.equal(runs.length, numbers.length);
  return found;
}

Deno.test("Consecutive numbers are one run, whatever their order", () => {
  assert.deepEqual(runsOf(3, 1, 2), [[1, 3]]);
});

Deno.test("A gap between numbers ends a run", () => {
  assert.deepEqual(runsOf(1, 2, 4, 9), [[1, 2], [4, 4], [9, 9]]);
});

Deno.test("No numbers give no run, and a repeated number counts once", () => {
  assert.deepEqual(runsOf(), []);
  assert.deepEqual(runsOf(5, 5), [[5, 5]]);
});

Deno.test("Runs are kept until they are cleared", () => {
  const runs = new Runs();
  runs.add(2);
  runs.each(() => {});
  runs.add(1);
  const found: number[][] = [];
  runs.each((...run) => found.push(run));
  assert.deepEqual(found, [[1, 2]]);

  runs.clear();
  assert.equal(runs.length, 0);
});
