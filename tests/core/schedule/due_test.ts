import assert from "node:assert/strict";
import type { CatchUp } from "../../../runtime/core/api/schedule.ts";
import { dueTicks, isStale } from "../../../runtime/core/schedule/due.ts";
import { readInterval, type Recurrence } from "../../../runtime/core/schedule/recurrence.ts";

const every = (text: string) => readInterval(text) as Recurrence;
const noon = Date.parse("2026-11-29T12:00:00Z");
const minute = 60_000;
const hour = 60 * minute;

/** The ticks after noon that are due, and those that are skipped, in minutes after noon. */
function due(text: string, catchUp: CatchUp, afterMs: number) {
  const { ticks, skipped } = dueTicks(every(text), catchUp, noon, noon + afterMs);
  const minutes = (ms: number) => (ms - noon) / minute;
  return { ticks: ticks.map(minutes), skipped: skipped && [minutes(skipped.from), minutes(skipped.to)] };
}

Deno.test("Nothing is due before the next tick", () => {
  for (const catchUp of ["skip", "once", "all"] as const) {
    assert.deepEqual(due("every 10m", catchUp, 9 * minute), { ticks: [], skipped: undefined });
  }
});

Deno.test("A tick that is at most a minute late is on time, whatever catchUp says", () => {
  for (const catchUp of ["skip", "once", "all"] as const) {
    assert.deepEqual(due("every 10m", catchUp, 11 * minute), { ticks: [10], skipped: undefined });
  }
});

Deno.test("Of the ticks that were missed, 'skip' runs none, 'once' the latest, and 'all' each", () => {
  const late = 35 * minute;
  assert.deepEqual(due("every 10m", "skip", late), { ticks: [], skipped: [10, 30] });
  assert.deepEqual(due("every 10m", "once", late), { ticks: [30], skipped: [10, 20] });
  assert.deepEqual(due("every 10m", "all", late), { ticks: [10, 20, 30], skipped: undefined });
});

Deno.test("A tick that is on time is run, though those before it were missed", () => {
  assert.deepEqual(due("every 10m", "skip", 30 * minute + 100), { ticks: [30], skipped: [10, 20] });
});

Deno.test("Ticks of the last five seconds are all run, so that a runtime that takes over skips none", () => {
  const { ticks, skipped } = dueTicks(every("every 1s"), "skip", noon, noon + 4_500);
  assert.deepEqual([ticks.length, skipped], [4, undefined]);
});

Deno.test("'all' runs at most the latest 1,000", () => {
  const { ticks, skipped } = dueTicks(every("every 1s"), "all", noon, noon + hour);
  assert.equal(ticks.length, 1_000);
  assert.deepEqual([ticks[0], ticks.at(-1)], [noon + hour - 999_000, noon + hour]);
  assert.deepEqual(skipped, { from: noon + 1_000, to: noon + hour - 1_000_000 });
});

Deno.test("A year of missed seconds takes no time to plan", () => {
  const began = performance.now();
  for (const catchUp of ["skip", "once", "all"] as const) {
    dueTicks(every("every 1s"), catchUp, noon, noon + 365 * 24 * hour);
  }
  assert.ok(performance.now() - began < 1_000);
});

Deno.test("A tick is stale when the next one has been due for five seconds, and for 'skip' after a minute", () => {
  const minutely = every("every 1m");
  const hourly = every("every 1h");
  const stale = (recurrence: Recurrence, catchUp: CatchUp, lateMs: number) =>
    isStale(recurrence, catchUp, noon, noon + lateMs);

  assert.deepEqual([64_000, 65_000].map((late) => stale(minutely, "once", late)), [false, true]);
  assert.deepEqual([60_000, 61_000].map((late) => stale(hourly, "skip", late)), [false, true]);
  assert.equal(stale(hourly, "once", 50 * minute), false);
  assert.equal(stale(minutely, "all", 24 * hour), false);
});
