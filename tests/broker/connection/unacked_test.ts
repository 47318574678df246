import assert from "node:assert/strict";
import { type Unacked, UnackedSet } from "../../../runtime/broker/connection/unacked.ts";

function filled(count: number): UnackedSet {
  const set = new UnackedSet();
  for (let i = 0; i < count; i++) {
    const tag = set.nextTag();
    set.add(tag, { entry: tag } as unknown as Unacked);
  }
  return set;
}

const tags = (taken: readonly [number, Unacked][]) => taken.map(([tag]) => tag);

Deno.test("A delivery can be settled once", () => {
  const set = filled(2);
  set.take(1);
  assert.throws(() => set.take(1), { message: "unknown delivery tag 1" });
  assert.equal(set.size, 1);
});

Deno.test("With 'multiple' a tag settles all deliveries up to it, and 0 settles all", () => {
  const set = filled(5);
  set.take(2);
  assert.deepEqual(tags(set.takeUpTo(3)), [1, 3]);
  assert.deepEqual(tags(set.takeUpTo(0)), [4, 5]);
  assert.deepEqual(set.takeUpTo(0), []);
  assert.throws(() => set.takeUpTo(5), { message: "unknown delivery tag 5" });
});

Deno.test("Deliveries that a rollback restores are in order", () => {
  const set = filled(4);
  const taken = set.takeUpTo(2);
  set.restore(taken);
  assert.deepEqual(tags(set.takeAll()), [1, 2, 3, 4]);
});
