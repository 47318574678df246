import assert from "node:assert/strict";
import fc from "fast-check";
import {
  retryDelay,
  retryExpiration,
  type RetryPlan,
  retryStep,
} from "../../../runtime/core/settings/retry.ts";

const plan: RetryPlan = { attempts: 5, delay: 1000, factor: 4, max: 600_000, jitter: 0.2 };

Deno.test("Retry delays grow by the factor, up to the maximum", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelay(attempt, plan));
  assert.deepEqual(waits, [1000, 4000, 16_000, 64_000, 256_000, 600_000, 600_000]);
});

Deno.test("Retry delays with a factor of 1 stay the same, and with a fraction are whole milliseconds", () => {
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

Deno.test("All retry settings give delays that a queue can have", () => {
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

Deno.test("A wait that a handler asks for is rounded up to a step", () => {
  const asked = [0, 1, 3, 20, 51, 99.5, 101, 1000, 2401, 5100, 7000, 12_001, 59_000, 60_000, 3_600_000];
  const steps = [1, 1, 5, 20, 100, 100, 200, 1000, 2600, 5200, 7000, 13_000, 60_000, 60_000, 3_600_000];
  assert.deepEqual(asked.map(retryStep), steps);
});

const anyWait = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 30 * 86_400_000 }));

Deno.test("A step is later than the wait by at most 100 ms or a twelfth, and never earlier", () => {
  fc.assert(fc.property(anyWait, (ms) => {
    const step = retryStep(ms);
    assert.ok(Number.isSafeInteger(step));
    assert.ok(step >= ms && step - ms <= Math.max(100, ms / 12), `${ms} gives ${step}`);
    assert.equal(retryStep(step), step, "a step is its own");
  }));
});

Deno.test("Any number of different waits needs a bounded number of retry queues", () => {
  const queuesUpTo = (most: number) => {
    let count = 0;
    for (let ms = 1; ms <= most; ms = retryStep(ms) + 1) count++;
    return count;
  };
  assert.deepEqual([60_000, 3_600_000, 30 * 86_400_000].map(queuesUpTo), [90, 162, 283]);
});

Deno.test("Jitter makes a delay shorter, and never longer", () => {
  assert.equal(retryExpiration(1000, 0.2, () => 0), 1000);
  assert.equal(retryExpiration(1000, 0.2, () => 0.5), 900);
  assert.equal(retryExpiration(1000, 0.2, () => 1), 800);
  assert.equal(retryExpiration(1000, 0), 1000);
});

Deno.test("A retried message waits for at least one millisecond", () => {
  assert.equal(retryExpiration(0, 0), 1);
  assert.equal(retryExpiration(1000, 1, () => 1), 1);
});
