import assert from "node:assert/strict";
import { EventLoopLag } from "../../../runtime/observe/metrics/event_loop_lag.ts";

Deno.test("An event loop that is busy for a while shows as lag", async () => {
  const lag = new EventLoopLag();
  try {
    const until = performance.now() + 700;
    while (performance.now() < until);

    while (lag.buckets.count === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(lag.buckets.sum > 0.4, `${lag.buckets.sum} s`);
  } finally {
    lag.close();
  }
});
