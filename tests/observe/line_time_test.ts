import assert from "node:assert/strict";
import fc from "fast-check";
import { lineTime } from "../../runtime/observe/line_time.ts";

Deno.test("The time of a line is the local time of day, with its date for a file, and as in toISOString for programs", () => {
  const [time, date, iso] = [lineTime("time"), lineTime("date"), lineTime("iso")];
  const times = fc.array(fc.integer({ min: 0, max: 4_000_000_000_000 }));
  fc.assert(fc.property(times, (list) => {
    // Each is asked twice, as what was computed for a time must hold for no other.
    for (const now of [...list, ...list.toReversed()]) {
      const expected = new Date(now);
      assert.equal(iso(now), expected.toISOString());
      assert.equal(time(now), expected.toTimeString().slice(0, 8));
      assert.equal(new Date(date(now).replace(" ", "T")).getTime(), now - now % 1000);
    }
  }));
});

Deno.test("Times of the same second differ in their milliseconds", () => {
  const iso = lineTime("iso");
  const second = Date.parse("2026-03-01T12:34:56.000Z");
  assert.deepEqual([0, 7, 45, 678].map((ms) => iso(second + ms)), [
    "2026-03-01T12:34:56.000Z",
    "2026-03-01T12:34:56.007Z",
    "2026-03-01T12:34:56.045Z",
    "2026-03-01T12:34:56.678Z",
  ]);
});
