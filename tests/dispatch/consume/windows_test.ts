import assert from "node:assert/strict";
import { Windows } from "../../../runtime/dispatch/consume/windows.ts";

Deno.test("A lane's window is told once, and one that is over is not kept", () => {
  const windows = new Windows();
  const later = performance.now() + 60_000;
  windows.keep("a", later);
  windows.keep("b", performance.now());

  assert.deepEqual([windows.take("a"), windows.take("a"), windows.take("b")], [later, 0, 0]);
});

Deno.test("Of more than 100,000 lanes the latest are remembered", () => {
  const windows = new Windows();
  const later = performance.now() + 3_600_000;
  for (let lane = 0; lane < 200_000; lane++) windows.keep(lane, later);

  assert.equal(windows.take(0), 0);
  for (let lane = 150_000; lane < 200_000; lane++) assert.equal(windows.take(lane), later);
});
