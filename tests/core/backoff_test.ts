import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffDelay, pause } from "../../runtime/core/backoff.ts";

const backoff = { first: 100, max: 30_000 };
const longest = () => 1;
const shortest = () => 0;

Deno.test("Backoff doubles each wait up to the maximum", () => {
  const waits = [1, 2, 3, 4, 9, 10, 100].map((attempt) => backoffDelay(attempt, backoff, longest));
  assert.deepEqual(waits, [100, 200, 400, 800, 25_600, 30_000, 30_000]);
});

Deno.test("Backoff spreads waits over their upper half, so that clients do not reconnect together", () => {
  assert.equal(backoffDelay(3, backoff, shortest), 200);
  assert.equal(backoffDelay(3, backoff, () => 0.5), 300);
  assert.equal(backoffDelay(3, backoff, longest), 400);
});

Deno.test("Every backoff is above 0 and at most the maximum", () => {
  fc.assert(fc.property(fc.integer({ min: 1 }), (attempt) => {
    const wait = backoffDelay(attempt, backoff);
    assert.ok(wait >= 50 && wait <= 30_000 && Number.isSafeInteger(wait), `${wait} ms`);
  }));
});

Deno.test("A pause ends after its time", async () => {
  assert.equal(await pause(1, new AbortController().signal), true);
});

Deno.test("A pause ends at once when its signal aborts, before or while it waits", async () => {
  const day = 86_400_000;
  assert.equal(await pause(day, AbortSignal.abort()), false);

  const controller = new AbortController();
  const waiting = pause(day, controller.signal);
  controller.abort();
  assert.equal(await waiting, false);
});
