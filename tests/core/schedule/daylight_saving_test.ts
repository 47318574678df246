/** Cron lines in time zones, compared with what the clocks on the wall show, which Intl knows. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { loadRecurrences } from "../../../runtime/core/schedule/cron.ts";
import type { Recurrence } from "../../../runtime/core/schedule/recurrence.ts";

const read = await loadRecurrences();
const minute = 60_000;
const day = 1_440 * minute;

function recurrence(line: string, timezone: string): Recurrence {
  const found = read(line, timezone);
  if ("next" in found) return found;
  throw new Error(found.message);
}

/** Days on which the clocks are changed: forward, and back. */
const changes = [
  { timezone: "Europe/Berlin", forward: "2026-03-29", back: "2026-10-25" },
  { timezone: "America/New_York", forward: "2026-03-08", back: "2026-11-01" },
  { timezone: "Australia/Lord_Howe", forward: "2026-10-04", back: "2026-04-05" },
] as const;

/** A minute, and what the clock on the wall shows then: the date, and minutes since midnight. */
interface Shown {
  readonly ms: number;
  readonly date: string;
  readonly minutes: number;
}

/** The minutes of three days, with the given one in the middle. */
function spanOf(date: string): { first: number; last: number } {
  const noon = Date.parse(`${date}T12:00:00Z`);
  return { first: noon - 36 * 60 * minute, last: noon + 36 * 60 * minute - minute };
}

/** What the clock on the wall shows in each of these minutes, as Intl knows it. */
const wall = memoized((timezone: string, date: string): readonly Shown[] => {
  const format = new Intl.DateTimeFormat("sv", {
    timeZone: timezone,
    dateStyle: "short",
    timeStyle: "short",
  });
  const { first, last } = spanOf(date);
  return Array.from({ length: (last - first) / minute + 1 }, (_, i) => {
    const ms = first + i * minute;
    const [date = "", time = ""] = format.format(ms).split(" ");
    const [hours = 0, minutes = 0] = time.split(":").map(Number);
    return { ms, date, minutes: hours * 60 + minutes };
  });
});

function memoized<Result>(make: (...key: [string, string]) => Result): typeof make {
  const made = new Map<string, Result>();
  return (...key) => {
    const result = made.get(key.join()) ?? make(...key);
    made.set(key.join(), result);
    return result;
  };
}

/** The times of a recurrence in the same span. */
function timesAround(date: string, { next }: Recurrence): number[] {
  const { first, last } = spanOf(date);
  const times: number[] = [];
  for (let at = next(first - 1)!; at <= last; at = next(at)!) times.push(at);
  return times;
}

const clockTime = fc.record({
  hour: fc.integer({ min: 0, max: 4 }),
  minute: fc.integer({ min: 0, max: 59 }),
});
const change = fc.constantFrom(...changes);

Deno.test("A time of day comes once on a day whose clocks go back", () => {
  fc.assert(fc.property(change, clockTime, ({ timezone, back }, { hour, minute: at }) => {
    const shows = wall(timezone, back).filter(({ minutes }) => minutes === hour * 60 + at);
    const first = [...Map.groupBy(shows, ({ date }) => date).values()].map(([{ ms } = { ms: NaN }]) => ms);
    assert.deepEqual(timesAround(back, recurrence(`${at} ${hour} * * *`, timezone)), first);
  }));
});

Deno.test("A time of day that a day lacks comes when the missing time is over", () => {
  fc.assert(fc.property(change, clockTime, ({ timezone, forward }, { hour, minute: at }) => {
    const all = wall(timezone, forward);
    const wanted = hour * 60 + at;
    const shows = all.filter(({ minutes }) => minutes === wanted).map(({ ms }) => ms);
    const gap = all.findIndex(({ minutes }, i) => i > 0 && minutes > all[i - 1]!.minutes + 1);
    const isMissing = all[gap - 1]!.minutes < wanted && wanted < all[gap]!.minutes;
    const expected = isMissing ? [...shows, all[gap]!.ms].toSorted((a, b) => a - b) : shows;
    assert.deepEqual(timesAround(forward, recurrence(`${at} ${hour} * * *`, timezone)), expected);
  }));
});

Deno.test("A line with several times a day follows the clock on the wall, also through an hour that comes twice", () => {
  const step = fc.constantFrom(5, 10, 15, 20, 30);
  const date = fc.constantFrom("forward" as const, "back" as const);
  fc.assert(
    fc.property(change, step, date, (change, step, when) => {
      const expected = wall(change.timezone, change[when]).filter(({ minutes }) => minutes % step === 0);
      const times = timesAround(change[when], recurrence(`*/${step} * * * *`, change.timezone));
      assert.deepEqual(times, expected.map(({ ms }) => ms));
    }),
    { numRuns: 20 },
  );
});

Deno.test("The days on which clocks change, as a table", () => {
  const at = (line: string, timezone: string, date: string) =>
    timesAround(date, recurrence(line, timezone)).map((ms) => new Date(ms).toISOString().slice(5, 16));

  assert.deepEqual(at("30 2 * * *", "Europe/Berlin", "2026-03-29"), [
    "03-28T01:30",
    "03-29T01:00",
    "03-30T00:30",
  ]);
  assert.deepEqual(at("30 2 * * *", "Europe/Berlin", "2026-10-25"), [
    "10-24T00:30",
    "10-25T00:30",
    "10-26T01:30",
  ]);
  assert.deepEqual(at("30 2 * * *", "America/New_York", "2026-03-08"), [
    "03-07T07:30",
    "03-08T07:00",
    "03-09T06:30",
  ]);
  assert.deepEqual(at("30 1 * * *", "America/New_York", "2026-11-01"), [
    "10-31T05:30",
    "11-01T05:30",
    "11-02T06:30",
  ]);
  assert.deepEqual(at("15 2 * * *", "Australia/Lord_Howe", "2026-10-04"), [
    "10-03T15:30",
    "10-04T15:15",
    "10-05T15:15",
  ]);
  assert.deepEqual(at("45 1 * * *", "Australia/Lord_Howe", "2026-04-05"), [
    "04-04T14:45",
    "04-05T15:15",
    "04-06T15:15",
  ]);
  assert.deepEqual(at("30 1,2,3 * * *", "Europe/Berlin", "2026-03-29").slice(3, 5), [
    "03-29T00:30",
    "03-29T01:30",
  ]);
});

Deno.test("The latest times of a cron line are the last ones of those that come one after the other", () => {
  const line = fc.constantFrom(
    "*/7 * * * *",
    "30 2 * * *",
    "0 */3 * * *",
    "0 3 * * 1-5",
    "0 0 L * *",
    "15,45 1-4 * * *",
  );
  const count = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(change, line, count, fc.integer({ min: 0, max: 3 * day }), (change, line, count, span) => {
      const found = recurrence(line, change.timezone);
      const after = Date.parse(`${change.back}T00:00:00Z`) - day;
      const all: number[] = [];
      for (let at = found.next(after)!; at <= after + span; at = found.next(at)!) all.push(at);
      assert.deepEqual(found.latest(count, after, after + span), all.slice(-count));
    }),
    { numRuns: 40 },
  );
});
