import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Progress } from "../../../runtime/dispatch/stream/progress.ts";

Deno.test("A function goes on at the first message that is not settled, or after the last one", () => {
  const progress = new Progress();
  assert.equal(progress.next, undefined);
  for (const offset of [5, 6, 9]) progress.delivered(offset);
  assert.equal(progress.next, 5);
  progress.settled(6);
  assert.equal(progress.next, 5);
  progress.settled(5);
  assert.equal(progress.next, 9);
  progress.settled(9);
  assert.equal(progress.next, 10);
});

Deno.test("Whatever is settled in whatever order, nothing that is not settled is before the place", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(200)), fc.infiniteStream(fc.boolean()), (some, settles) => {
    const progress = new Progress();
    const open = new Set<number>();
    for (const offset of some.toSorted((a, b) => a - b)) {
      progress.delivered(offset);
      open.add(offset);
      for (const one of [...open]) {
        if (!settles.next().value) continue;
        progress.settled(one);
        open.delete(one);
      }
      assert.equal(progress.next, Math.min(offset + 1, ...open));
    }
  }));
});
