import assert from "node:assert/strict";
import * as format from "../../../runtime/observe/page/parts/format.js";

Deno.test("Durations are short, from below a millisecond to days", () => {
  const shown = [undefined, 0, 0.4, 3.2, 999, 1_240, 12_340, 123_000, 15_000_000, 180_000_000].map(
    format.duration,
  );
  assert.deepEqual(shown, [
    "–",
    "0 ms",
    "<1 ms",
    "3 ms",
    "999 ms",
    "1.24 s",
    "12.3 s",
    "2 min 03 s",
    "4 h 10 min",
    "2 d 2 h",
  ]);
});

Deno.test("A time of today has no date, another has one, and what is no time is shown as it is", () => {
  const now = new Date(2026, 10, 28, 12, 0, 0);
  assert.equal(format.clock(new Date(2026, 10, 28, 9, 5, 7, 42).toISOString(), now), "09:05:07.042");
  assert.equal(format.clock(new Date(2026, 10, 27, 9, 5, 7).toISOString(), now), "Nov 27 09:05:07.000");
  assert.equal(format.clock("soon", now), "soon");
  assert.equal(format.clock(undefined, now), "–");
});

Deno.test("Counts, shares, changes and sizes are rounded to what a person reads", () => {
  assert.deepEqual([0, 0.25, 7, 1_234, 12_345, 3_400_000, undefined].map(format.amount), [
    "0",
    "0.3",
    "7",
    "1,234",
    "12.3k",
    "3.4M",
    "–",
  ]);
  assert.deepEqual([0, 0.004, 0.25, 1, undefined].map(format.percent), [
    "0 %",
    "0.4 %",
    "25 %",
    "100 %",
    "–",
  ]);
  assert.deepEqual([0, 3.24, -12, undefined].map(format.change), ["0", "+3.2/s", "−12/s", "–"]);
  assert.deepEqual([12, 3_482, 2_097_152].map(format.bytes), ["12 B", "3.4 KiB", "2.0 MiB"]);
  assert.deepEqual([format.plural(1, "run"), format.plural(2_000, "run")], ["1 run", "2,000 runs"]);
});

Deno.test("How long ago something was is told in its largest unit", () => {
  const now = Date.parse("2026-11-28T12:00:00Z");
  const shown = [0, 12, 300, 7_200, 259_200].map((seconds) =>
    format.ago(new Date(now - seconds * 1_000).toISOString(), now)
  );
  assert.deepEqual(shown, ["now", "12 s ago", "5 min ago", "2 h ago", "3 d ago"]);
});
