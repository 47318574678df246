import assert from "node:assert/strict";
import fc from "fast-check";
import { changed, filled, hasToken, msUntilToken } from "../../../runtime/dispatch/rate/bucket.ts";

const rate = { limit: 100, per: 1000, burst: 20 };

Deno.test("A bucket fills with time, up to the burst", () => {
  const empty = { tokens: 0, at: 0 };
  assert.equal(filled(empty, rate, 100).tokens, 10);
  assert.equal(filled(empty, rate, 10_000).tokens, 20);
});

Deno.test("An empty bucket says how long the next token takes", () => {
  assert.equal(msUntilToken({ tokens: 0, at: 0 }, rate), 10);
  assert.equal(msUntilToken({ tokens: 0.5, at: 0 }, rate), 5);
  assert.equal(msUntilToken({ tokens: 3, at: 0 }, rate), 0);
  assert.equal(msUntilToken({ tokens: 0, at: 0 }, { limit: 1, per: 60_000, burst: 1 }), 60_000);
});

Deno.test("A clock that goes back takes no token away and gives none", () => {
  const bucket = filled({ tokens: 1, at: 1000 }, rate, 500);
  assert.equal(bucket.tokens, 1);
  assert.equal(filled(bucket, rate, 1000).tokens, 1);
});

Deno.test("Whenever tokens are asked for, no time has more than its limit and one burst", () => {
  const waits = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 });
  const rates = fc.record({
    limit: fc.integer({ min: 1, max: 1000 }),
    per: fc.integer({ min: 1, max: 5000 }),
    burst: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(fc.property(waits, rates, (waits, rate) => {
    let bucket = { tokens: rate.burst, at: 0 };
    let now = 0;
    const taken: number[] = [];
    for (const wait of waits) {
      now += wait;
      bucket = filled(bucket, rate, now);
      while (hasToken(bucket)) {
        bucket = changed(bucket, -1, rate);
        taken.push(now);
      }
    }
    for (const [i, from] of taken.entries()) {
      const most = rate.burst + (now - from) * rate.limit / rate.per;
      assert.ok(taken.length - i <= most + 1e-6, `${taken.length - i} in ${now - from} ms`);
    }
  }));
});
