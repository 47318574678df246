import assert from "node:assert/strict";
import {
  countsMore,
  type LastTick,
  lastTickBody,
  lastTickIn,
} from "../../../runtime/dispatch/schedule/last_tick.ts";
import { dueTick } from "../../../runtime/core/schedule/tick.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const at = Date.parse("2026-11-29T03:00:00Z");

Deno.test("A tick that was sent is also what the schedule's queue remembers", () => {
  const tick = dueTick(at, at - 1_000, "0 3 * * * UTC");
  assert.deepEqual(lastTickIn(bytes(tick)), { at, sent: at, recurrence: "0 3 * * * UTC" });
});

Deno.test("What is remembered without a tick comes back as it was", () => {
  const lasts: LastTick[] = [
    { at, recurrence: "every 1000 ms" },
    { at, sent: at - 500, recurrence: "every 1000 ms" },
    { at, recurrence: "every 1000 ms", beginning: true },
  ];
  for (const last of lasts) assert.deepEqual(lastTickIn(bytes(lastTickBody(last))), last);
});

Deno.test("Other messages in the schedule's queue are no last tick", () => {
  const others = [
    "",
    "no JSON",
    "[]",
    "null",
    '{"at":7,"recurrence":"a"}',
    '{"at":"never","recurrence":"a"}',
    '{"at":"2026-11-29T03:00:00Z"}',
    `{"at":"2026-11-29T03:00:00Z","recurrence":"${"a".repeat(2_000)}"}`,
  ];
  for (const other of others) assert.equal(lastTickIn(new TextEncoder().encode(other)), undefined);
  assert.equal(lastTickIn(Uint8Array.of(0xff, 0xfe)), undefined);
});

Deno.test("The later tick counts more, the earlier beginning, and any tick more than a beginning", () => {
  const tick = (at: number): LastTick => ({ at, recurrence: "r" });
  const beginning = (at: number): LastTick => ({ at, recurrence: "r", beginning: true });

  assert.ok(countsMore(tick(2), tick(1)) && !countsMore(tick(1), tick(2)));
  assert.ok(countsMore(tick(1), tick(1)), "the same one, sent again, replaces the first");
  assert.ok(countsMore(beginning(1), beginning(2)) && !countsMore(beginning(2), beginning(1)));
  assert.ok(countsMore(tick(1), beginning(2)) && !countsMore(beginning(2), tick(1)));
});
