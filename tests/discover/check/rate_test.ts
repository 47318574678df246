import assert from "node:assert/strict";
import { effectivePrefetch } from "../../../runtime/core/settings/effective_prefetch.ts";
import { type Options, queue } from "../../../runtime/mod.ts";
import { declared, problems } from "../../support/declared.ts";

const handler = () => {};
const told = (options: unknown) =>
  problems(queue("orders", options as Options, handler)).map(({ message, fix }) => `${message}; ${fix}`);
const settings = (options: Options) => declared(queue("orders", options, handler)).settings;

Deno.test("A rate says what it may be", () => {
  const limit = "expected a whole number from 1 to 100000, got";
  const burst = "expected a whole number from 1 to 10000, got";
  for (const wrong of ["0", "-1", "0.5"]) {
    assert.match(
      told({ rate: { limit: Number(wrong) } })[0]!,
      new RegExp(`^Option 'rate.limit': ${limit} ${wrong}`),
    );
  }
  assert.match(told({ rate: { limit: 1, burst: 0 } })[0]!, new RegExp(`^Option 'rate.burst': ${burst} 0`));
  assert.match(told({ rate: { limit: 1, per: "0s" } })[0]!, /^Option 'rate\.per': expected .* more than 0/);
  assert.match(
    told({ rate: { limit: 1, scope: "world" } })[0]!,
    /expected "process" or "cluster", got "world"/,
  );
  assert.match(
    told({ rate: { limit: 1, brust: 2 } })[0]!,
    /Unknown option 'rate\.brust'; did you mean 'burst'/,
  );
  assert.match(
    told({ rate: 5 })[0]!,
    /expected false or an object, such as \{ limit: 100, per: "1s" \}, got 5/,
  );
  assert.deepEqual(told({ rate: { limit: 1 } }), []);
  assert.deepEqual(told({ rate: false }), []);
});

Deno.test("A rate needs acknowledgements", () => {
  assert.match(told({ rate: { limit: 1 }, ack: "none" })[0]!, /^Option 'rate' needs acknowledgements/);
  assert.deepEqual(told({ rate: { limit: 1 }, ack: "manual" }), []);
});

Deno.test("A rate of a cluster needs queues of its own, and rounds that a broker can keep", () => {
  const cluster = (rate: object, more: object = {}) => told({ rate: { scope: "cluster", ...rate }, ...more });
  assert.deepEqual(cluster({ limit: 100 }), []);
  assert.match(
    cluster({ limit: 100 }, { declare: "passive" })[0]!,
    /declares none; write: scope: "process"$/,
  );
  assert.match(
    cluster({ limit: 100, burst: 1 })[0]!,
    /1 tokens round in 10 ms.*; write a larger burst, at least: burst: 10$/,
  );
  assert.match(cluster({ limit: 1, per: "24d", burst: 100 })[0]!, /write a smaller burst, or a shorter time/);
});

Deno.test("A burst is worth a tenth of a second, and in a cluster a second, if nobody says", () => {
  const burst = (rate: NonNullable<Options["rate"]>) => {
    const resolved = settings({ rate }).rate;
    return resolved && resolved.burst;
  };
  assert.equal(burst({ limit: 100 }), 10);
  assert.equal(burst({ limit: 100, scope: "cluster" }), 100);
  assert.equal(burst({ limit: 1, per: "1m" }), 1);
  assert.equal(burst({ limit: 1, per: "1m", scope: "cluster" }), 1);
  assert.equal(burst({ limit: 100_000, scope: "cluster" }), 10_000);
});

Deno.test("The prefetch of a function with a low rate is no more than may begin while one run lasts", () => {
  assert.equal(effectivePrefetch(settings({})), 20);
  assert.equal(effectivePrefetch(settings({ instances: 3 })), 60);
  assert.equal(effectivePrefetch(settings({ rate: { limit: 100 } })), 20);
  assert.equal(effectivePrefetch(settings({ rate: { limit: 1, per: "1m" } })), 2);
  assert.equal(effectivePrefetch(settings({ rate: { limit: 1, per: "1m" }, timeout: "5m" })), 7);
});
