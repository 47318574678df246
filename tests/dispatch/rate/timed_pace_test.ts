import assert from "node:assert/strict";
import type { Rate } from "../../../runtime/core/settings/rate_settings.ts";
import { TimedPace } from "../../../runtime/dispatch/rate/timed_pace.ts";

const rate: Rate = { limit: 100, per: 1000, burst: 2, scope: "process" };

/** A pace whose clock the test sets. */
function paced(first: Rate = rate) {
  const clock = { now: 0 };
  return { clock, pace: new TimedPace(first, () => clock.now) };
}

Deno.test("A pace gives its burst at once, and then as many permits as the rate allows", () => {
  const { clock, pace } = paced();
  assert.ok(pace.take()?.use());
  assert.ok(pace.take()?.use());
  assert.equal(pace.take(), undefined);
  clock.now = 10;
  assert.ok(pace.take()?.use());
  assert.equal(pace.ready, false);
});

Deno.test("A permit begins one run", () => {
  const permit = paced().pace.take()!;
  assert.equal(permit.use(), true);
  assert.equal(permit.use(), false);
});

Deno.test("A permit that no run has used goes back, and a used one does not", () => {
  const { pace } = paced();
  const [first, second] = [pace.take()!, pace.take()!];
  first.use();
  first.release();
  assert.equal(pace.ready, false);
  second.release();
  second.release();
  assert.ok(pace.take());
  assert.equal(pace.ready, false);
});

Deno.test("Those who wait are woken one after the other, each when it may begin", async () => {
  const pace = new TimedPace({ ...rate, burst: 1 });
  pace.take()!.use();
  const began: number[] = [];
  const start = performance.now();
  await new Promise<void>((resolve) => {
    const wait = () => {
      if (!pace.take()?.use()) return pace.wake(wait);
      began.push(performance.now() - start);
      if (began.length === 3) resolve();
      else pace.wake(wait);
    };
    pace.wake(wait);
  });
  for (const [i, ms] of began.entries()) assert.ok(ms >= 10 * (i + 1) - 1, `${i}: ${ms} ms`);
});

Deno.test("A changed rate begins with the tokens that are left", () => {
  const { clock, pace } = paced();
  pace.take()!.use();
  pace.change({ limit: 1, per: 1000, burst: 50, scope: "process" });
  assert.ok(pace.take()?.use());
  assert.equal(pace.take(), undefined);
  clock.now = 1000;
  assert.ok(pace.take());
});
