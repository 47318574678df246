import assert from "node:assert/strict";
import { Slab } from "../../../runtime/broker/queue/slab.ts";

Deno.test("Places in a slab do not overlap", () => {
  const slab = new Slab();
  const places = Array.from({ length: 2000 }, (_, i) => {
    const start = slab.reserve(100);
    slab.buffer.fill(i, start, start + 100);
    return { buffer: slab.buffer, start, i };
  });
  for (const { buffer, start, i } of places) {
    assert.ok(buffer.subarray(start, start + 100).every((byte) => byte === (i & 0xff)));
  }
});

Deno.test("A large item gets its own buffer outside of the slab", () => {
  const slab = new Slab();
  slab.reserve(1);
  const start = slab.reserve(10_000_000);
  assert.deepEqual([start, slab.buffer.length], [0, 10_000_000]);
});
