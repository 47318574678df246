import assert from "node:assert/strict";
import { fromWallClock, now, toWallClock } from "../../../runtime/broker/queue/clock.ts";

const hour = 3_600_000;
const near = (time: number, expected: number) => assert.ok(Math.abs(time - expected) < 100, `${time}`);

Deno.test("A stored time is converted to the wall clock and back", () => {
  near(toWallClock(now() + 3_000), Date.now() + 3_000);
  near(fromWallClock(Date.now() + 3_000, hour), now() + 3_000);
});

Deno.test("A stored time in the past is due now, and no time is further away than its own waiting time", () => {
  near(fromWallClock(Date.now() - hour, 3_000), now());
  near(fromWallClock(Date.now() + hour, 3_000), now() + 3_000);
});
