import assert from "node:assert/strict";
import { dueOf } from "../../../runtime/client/delay/due.ts";
import { SameTimes } from "../../../runtime/client/delay/same_times.ts";
import { cancelSlot, newCancelId, readCancelId } from "../../../runtime/client/delay/cancel.ts";
import type { DelayOptions } from "../../../runtime/core/api/delay_options.ts";
import { ArgumentError } from "../../../runtime/core/api/errors.ts";

const now = Date.parse("2026-11-29T03:00:00Z");
const day = 86_400_000;

Deno.test("A delay is a duration, and a time is a Date or text with a time zone", () => {
  assert.deepEqual(dueOf({ delay: "10m" }, now), { kind: "after", ms: 600_000 });
  assert.deepEqual(dueOf({ delay: 0 }, now), { kind: "after", ms: 0 });
  assert.deepEqual(dueOf({ delay: "366d" }, now), { kind: "after", ms: 366 * day });
  assert.deepEqual(dueOf({ at: new Date(now + 5) }, now), { kind: "at", time: now + 5 });
  assert.deepEqual(dueOf({ at: "2026-11-29T04:00:00+01:00" }, now), { kind: "at", time: now });
  assert.deepEqual(dueOf({ at: "1999-01-01T00:00Z" }, now), { kind: "at", time: Date.UTC(1999, 0, 1) });
  assert.equal(dueOf({}, now), undefined);
  assert.equal(dueOf({ cancel: false }, now), undefined);
});

const refused: readonly (readonly [unknown, RegExp])[] = [
  [{ delay: -1 }, /^Option 'delay' is -1; expected milliseconds as a whole number, .* at most 366 days$/],
  [{ delay: NaN }, /^Option 'delay' is NaN; expected/],
  [{ delay: Infinity }, /^Option 'delay' is Infinity; expected/],
  [{ delay: 1.5 }, /^Option 'delay' is 1.5; expected/],
  [{ delay: "10 minutes" }, /^Option 'delay' is .10 minutes.; expected/],
  [{ delay: "36500d" }, /^Option 'delay' is .36500d.; expected at most 366 days$/],
  [{ delay: null }, /^Option 'delay' is null; expected/],
  [{ at: new Date(NaN) }, /^Option 'at' is .*; expected a Date, or text with a time zone/],
  [{ at: "2027-01-31T09:00:00" }, /^Option 'at' is .2027-01-31T09:00:00. without a time zone; expected/],
  [{ at: "2027-01-31" }, /without a time zone; expected/],
  [{ at: "tomorrow" }, /^Option 'at' is .tomorrow.; expected/],
  [{ at: "2026-13-45T99:00:00Z" }, /^Option 'at' is .2026-13-45T99:00:00Z.; expected/],
  [{ at: now }, /^Option 'at' is \d+; expected a Date/],
  [
    { at: "2126-11-29T03:00:00Z" },
    /^Option 'at' is 2126-11-29T03:00:00.000Z; expected a time that is at most 366 days/,
  ],
  [{ delay: "1s", at: new Date(now) }, /^Options 'delay' and 'at' both say/],
  [{ cancel: true }, /^Option 'cancel' goes with 'delay' or 'at'/],
  [{ delay: "1s", cancel: "yes" }, /^Option 'cancel' is .yes.; expected true or false$/],
];

for (const [options, message] of refused) {
  Deno.test(`What is no delay is refused with what to write: ${Deno.inspect(options)}`, () => {
    assert.throws(() => dueOf(options as DelayOptions, now), (error) => {
      assert.ok(error instanceof ArgumentError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("Messages that are sent shortly after each other for one time have the same delay, others the exact one", () => {
  const times = new SameTimes();
  assert.equal(times.delayOf(now + 60_000, now), 60_000);
  assert.equal(times.delayOf(now + 60_000, now + 299), 60_000, "a two-hundredth of the delay later");
  assert.equal(times.delayOf(now + 60_001, now + 299), 59_702, "another time");
  assert.equal(times.delayOf(now + 60_000, now + 300), 59_700);
  assert.equal(times.delayOf(now + 30 * day, now), 30 * day);
  assert.equal(times.delayOf(now + 30 * day, now + 1_000), 30 * day - 1_000, "a second at most");
  assert.equal(times.delayOf(now - 5, now), -5);
});

Deno.test("The id of a message that can be cancelled says when it is due, and anything else is refused", () => {
  assert.equal(readCancelId(newCancelId(now + 0.4)), now);
  assert.notEqual(newCancelId(now), newCancelId(now));
  for (const id of ["", "x", undefined, 7, `${newCancelId(now)}x`, crypto.randomUUID()]) {
    assert.throws(() => readCancelId(id), ArgumentError);
  }
});

Deno.test("The queues for cancelled ids are few, live longer than any of their messages wait, and are cleared away", () => {
  const names = new Set<string>();
  for (let left = 0; left < 366 * day; left += 60_000) {
    const { queue, expires, over } = cancelSlot(now + left, now);
    names.add(queue);
    assert.ok(expires === undefined ? over.length > 0 : expires > left && expires < 2 ** 32);
    assert.ok(!over.includes(queue));
  }
  assert.ok(names.size <= 13 + 9 + 11 + 13, `${names.size}`);
  assert.equal(cancelSlot(now - day, now).queue, cancelSlot(now, now).queue, "what is due may come late");
  // When they are all over, every queue that does not expire is among those that are deleted.
  const later = new Set(cancelSlot(now + 500 * day, now + 440 * day).over);
  const lasting = [...names].filter((name) => name.includes(".32d."));
  assert.ok(lasting.every((name) => later.has(name)), `${lasting} ${[...later]}`);
});
