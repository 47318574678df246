import assert from "node:assert/strict";
import fc from "fast-check";
import { Deque } from "../../../runtime/broker/queue/deque.ts";

interface Step {
  do: "push" | "unshift" | "shift" | "insert";
  at: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom("push", "unshift", "shift", "insert"),
  at: fc.nat(30),
});

Deno.test("A deque behaves like an array for any operations", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const deque = new Deque<number>(), array: number[] = [];
    steps.forEach((step, value) => {
      if (step.do === "push") deque.push(value), array.push(value);
      else if (step.do === "unshift") deque.unshift(value), array.unshift(value);
      else if (step.do === "shift") assert.equal(deque.shift(), array.shift());
      else {
        const at = Math.min(step.at, array.length);
        deque.insert(at, value);
        array.splice(at, 0, value);
      }
    });
    assert.deepEqual([...deque], array);
    assert.equal(deque.length, array.length);
  }));
});

Deno.test("A long deque that was emptied frees its memory and still works", () => {
  const deque = new Deque<number>();
  for (let i = 0; i < 10_000; i++) deque.push(i);
  for (let i = 0; i < 10_000; i++) assert.equal(deque.shift(), i);
  assert.equal(deque.shift(), undefined);
  deque.push(1);
  assert.equal(deque.at(0), 1);
});
