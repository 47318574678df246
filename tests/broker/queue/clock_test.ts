import assert from "node:assert/strict";
import { fromWallClock, now, toWallClock } from "../../../runtime/broker/queue/clock.ts";

const hour = 3_600_000;
const near = (time: number, expected: number) => assert.ok(Math.abs(time - expected) < 100, `${time}`);

Deno.test("A time goes to the wall clock and comes back", () => {
  near(toWallClock(now() + 3_000), Date.now() + 3_000);
  near(fromWallClock(Date.now() + 3_000, hour), now() + 3_000);
});

Deno.test("What is past is due now, and nothing waits longer than it was to wait", () => {
  near(fromWallClock(Date.now() - hour, 3_000), now());
  near(fromWallClock(Date.now() + hour, 3_000), now() + 3_000);
});
