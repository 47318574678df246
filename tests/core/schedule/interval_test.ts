import assert from "node:assert/strict";
import fc from "fast-check";
import { readInterval, type Recurrence } from "../../../runtime/core/schedule/recurrence.ts";

function every(text: string): Recurrence {
  const read = readInterval(text);
  if ("next" in read) return read;
  throw new Error(read.message);
}

Deno.test("An interval's times are its whole multiples since 1970", () => {
  const noon = Date.parse("2026-11-29T12:00:00Z");
  const times = (text: string) => {
    const first = every(text).next(noon)!;
    return [first, every(text).next(first)!].map((ms) => new Date(ms).toISOString().slice(11, 19));
  };

  assert.deepEqual(times("every 5m"), ["12:05:00", "12:10:00"]);
  assert.deepEqual(times("every 1h"), ["13:00:00", "14:00:00"]);
  assert.deepEqual(times("every 1s"), ["12:00:01", "12:00:02"]);
  assert.deepEqual(times("Every 30 s"), ["12:00:30", "12:01:00"]);
});

Deno.test("An interval that cannot be read, or is too short, says how to write one", () => {
  const message = (text: string) => (readInterval(text) as { message: string }).message;

  assert.equal(message("every 0s"), "'every 0s' is more often than every 100 ms, the shortest interval");
  assert.equal(message("every 99ms"), "'every 99ms' is more often than every 100 ms, the shortest interval");
  for (const text of ["every", "every day", "every 5", "every -5m", "every 5 minutes", "every 5m 3s"]) {
    assert.equal(message(text), `'${text}' is not an interval`);
  }
});

Deno.test("The latest times of an interval are the last ones of those that come one after the other", () => {
  const ms = fc.integer({ min: 100, max: 100_000 });
  const start = fc.integer({ min: 0, max: 2_000_000_000_000 });
  const span = fc.integer({ min: -1_000, max: 1_000_000 });
  fc.assert(fc.property(ms, start, span, fc.integer({ min: 1, max: 50 }), (ms, after, span, count) => {
    const recurrence = every(`every ${ms}ms`);
    const all: number[] = [];
    for (let at = recurrence.next(after)!; at <= after + span; at = recurrence.next(at)!) all.push(at);
    assert.deepEqual(recurrence.latest(count, after, after + span), all.slice(-count));
  }));
});
