import assert from "node:assert/strict";
import { RunStats } from "../../../runtime/observe/stats/function_stats.ts";

const now = 1_800_000_000_500;

Deno.test("Without runs there is a rate of zero, and no times", () => {
  const { rate, p50, p95, failing, seconds } = new RunStats().view(now);
  assert.deepEqual([rate, p50, p95, failing, seconds.length], [0, undefined, undefined, undefined, 60]);
});

Deno.test("The rate is that of the last ten whole seconds", () => {
  const stats = new RunStats();
  for (let second = 1; second <= 20; second++) {
    for (let i = 0; i < 30; i++) stats.ended(5, false, now - second * 1000);
  }
  assert.equal(stats.view(now).rate, 30);
});

Deno.test("The times that half and 95 % of the runs took are right within a fifth", () => {
  const stats = new RunStats();
  for (let ms = 1; ms <= 1000; ms++) stats.ended(ms, false, now);
  const { p50, p95 } = stats.view(now);
  assert.ok(p50! >= 500 && p50! <= 600, `p50 ${p50}`);
  assert.ok(p95! >= 950 && p95! <= 1140, `p95 ${p95}`);
});

Deno.test("The share of failed runs is that of the last minute", () => {
  const stats = new RunStats();
  stats.ended(5, true, now - 120_000);
  for (let i = 0; i < 4; i++) stats.ended(5, i === 0, now);
  const { failing, total, failedSeconds } = stats.view(now);
  assert.equal(failing, 0.25);
  assert.deepEqual([failedSeconds.at(-1), total.failed, total.handled], [1, 2, 3]);
});

Deno.test("A second of a minute ago is not counted for the current one", () => {
  const stats = new RunStats();
  stats.ended(5, false, now - 60_000);
  assert.deepEqual(stats.view(now).seconds.filter((count) => count > 0), []);
});
