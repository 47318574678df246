import assert from "node:assert/strict";
import fc from "fast-check";
import { retryDelay, retryExpiration, type RetryPlan, retryStep } from "../../runtime/core/retry.ts";

const plan: RetryPlan = { attempts: 5, delay: 1000, factor: 4, max: 600_000, jitter: 0.2 };

Deno.test("Waits grow by the factor, up to the longest", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelay(attempt, plan));
  assert.deepEqual(waits, [1000, 4000, 16_000, 64_000, 256_000, 600_000, 600_000]);
});

Deno.test("A factor of 1 waits equally long each time, and a broken one gives whole milliseconds", () => {
  assert.deepEqual([1, 2, 3].map((attempt) => retryDelay(attempt, { ...plan, factor: 1 })), [
    1000,
    1000,
    1000,
  ]);
  assert.deepEqual([1, 2, 3].map((attempt) => retryDelay(attempt, { ...plan, delay: 5, factor: 1.5 })), [
    5,
    8,
    11,
  ]);
});

Deno.test("Whatever the settings allow gives a wait that a queue can have", () => {
  const anyPlan = fc.record({
    attempts: fc.constant(100),
    delay: fc.nat(2 ** 31 - 1),
    factor: fc.double({ min: 1, max: 100, noNaN: true }),
    max: fc.nat(2 ** 31 - 1),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(fc.property(anyPlan, fc.integer({ min: 1, max: 100 }), (plan, attempt) => {
    const wait = retryDelay(attempt, plan);
    assert.ok(Number.isSafeInteger(wait) && wait >= 0 && wait <= plan.max, `${wait}`);
  }));
});

Deno.test("A wait that a handler asked for is rounded up to one of six steps a decade", () => {
  const steps = [0, 1, 7, 11, 15, 16, 20, 21, 31, 51, 71, 99, 1000, 1001, 7001].map(retryStep);
  assert.deepEqual(steps, [1, 1, 7, 15, 15, 20, 20, 30, 50, 70, 100, 100, 1000, 1500, 10_000]);
});

const anyWait = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 30 * 86_400_000 }));

Deno.test("No step is shorter than what was asked for, nor much longer", () => {
  fc.assert(fc.property(anyWait, (ms) => {
    const step = retryStep(ms);
    assert.ok(Number.isSafeInteger(step));
    assert.ok(step >= ms && step < ms * 5 / 3 + 1, `${ms} gives ${step}`);
    assert.equal(retryStep(step), step, "a step is its own");
  }));
});

Deno.test("However many waits are asked for, up to a month there are fewer than 60 steps", () => {
  const steps = new Set<number>();
  for (let ms = 1; ms <= 30 * 86_400_000; ms = Math.ceil(ms * 1.01)) steps.add(retryStep(ms));
  assert.ok(steps.size < 60, `${steps.size}`);
});

Deno.test("Jitter comes back earlier by a share, and never later", () => {
  assert.equal(retryExpiration(1000, 0.2, () => 0), 1000);
  assert.equal(retryExpiration(1000, 0.2, () => 0.5), 900);
  assert.equal(retryExpiration(1000, 0.2, () => 1), 800);
  assert.equal(retryExpiration(1000, 0), 1000);
});

Deno.test("A message waits for at least a millisecond", () => {
  assert.equal(retryExpiration(0, 0), 1);
  assert.equal(retryExpiration(1000, 1, () => 1), 1);
});
