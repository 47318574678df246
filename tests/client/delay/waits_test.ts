import assert from "node:assert/strict";
import fc from "fast-check";
import { handOverTo, maxDelay, pathOf, tick, waits, waitsOf } from "../../../runtime/client/delay/waits.ts";

const sumOf = (path: readonly { readonly ms: number }[]) => path.reduce((sum, { ms }) => sum + ms, 0);

Deno.test("The waits of any delay up to a year add up to it, rounded up to a tick, and each is passed once", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: maxDelay })),
      (ms) => {
        const path = waitsOf(ms);
        assert.equal(sumOf(path), Math.ceil(ms / tick) * tick);
        assert.equal(new Set(path.map(({ name }) => name)).size, path.length);
        assert.deepEqual(path, path.toSorted((a, b) => b.ms - a.ms), "the longest is first");
      },
    ),
    { numRuns: 5_000 },
  );
});

Deno.test("Every delay of full units up to a year has waits", () => {
  const hour = 3_600_000;
  for (let ms = hour; ms <= maxDelay; ms += hour) assert.equal(sumOf(waitsOf(ms)), ms);
  for (let ms = tick; ms <= 120_000; ms += tick) assert.equal(sumOf(waitsOf(ms)), ms);
});

Deno.test("There are 52 waits, and none is longer than a queue's x-message-ttl can be", () => {
  assert.equal(waits.length, 52);
  assert.equal(new Set(waits.map(({ name }) => name)).size, waits.length);
  assert.ok(waits.every(({ ms }) => ms <= 2 ** 32 - 1));
});

Deno.test("Usual delays need few waits, which say how long they are", () => {
  const names = (ms: number) => waitsOf(ms).map(({ name }) => name);
  assert.deepEqual(names(50), ["60ms"]);
  assert.deepEqual(names(1_000), ["1s"]);
  assert.deepEqual(names(600_000), ["8m", "2m"]);
  assert.deepEqual(names(3_600_000), ["1h"]);
  assert.deepEqual(names(7_980), ["4s", "3s", "960ms", "20ms"]);
  assert.deepEqual(names(65 * 86_400_000), ["32d", "32d-2", "1d"]);
});

Deno.test("Messages to one destination are handed over by one queue, and those with priority by others", () => {
  assert.deepEqual(handOverTo("\norders"), handOverTo("\norders"));
  const used = new Set(Array.from({ length: 100 }, (_, i) => handOverTo(`\nqueue.${i}`).name));
  assert.equal(used.size, 8);
  assert.deepEqual(
    pathOf(1_000, "\norders", 5).map(({ name }) => name),
    pathOf(1_000, "\norders", 4).map(({ name }) => `${name}-high`),
  );
});
