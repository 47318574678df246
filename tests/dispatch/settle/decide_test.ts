import assert from "node:assert/strict";
import { encode } from "../../../runtime/core/body/codec.ts";
import type { Outcome } from "../../../runtime/core/ports/outcome.ts";
import { decide } from "../../../runtime/dispatch/settle/decide.ts";
import { type Options, queue, rpc } from "../../../runtime/mod.ts";
import { declared } from "../../support/declared.ts";

const error = new Error("No");
const handler = () => {};
const eight = encode(8);
const failed: Outcome = { kind: "failed", error };
const rejected: Outcome = { kind: "rejected", error };
const again = (after?: number): Outcome => ({ kind: "retry", error, after });

/** What a queue function decides after run number `attempt`. */
const decided = (outcome: Outcome, options: Options = {}, attempt = 1) =>
  decide(outcome, declared(queue("orders", options, handler)), attempt);

Deno.test("A run that returned is acknowledged", () => {
  assert.deepEqual(decided({ kind: "returned" }), { kind: "ack" });
  assert.deepEqual(decided({ kind: "returned" }, { ack: "manual" }), { kind: "leave" });
});

Deno.test("A failed run is tried again after the next delay, and dead-lettered after the last attempt", () => {
  const retry = { attempts: 3, delay: 100, factor: 2, jitter: 0.5 };
  const wait = (ms: number) => ({ kind: "retry", error, step: ms, ms, jitter: 0.5 });

  assert.deepEqual(decided(failed, { retry }, 1), wait(100));
  assert.deepEqual(decided(failed, { retry }, 2), wait(200));
  assert.deepEqual(decided(failed, { retry }, 3), { kind: "dead-letter", error });
  assert.deepEqual(decided(failed, { retry }, 4), { kind: "dead-letter", error });
});

Deno.test("A handler's own wait is kept to the millisecond, in a queue of the next step", () => {
  assert.deepEqual(decided(again(5100)), { kind: "retry", error, step: 5200, ms: 5100, jitter: 0 });
  assert.deepEqual(decided(again(0)), { kind: "retry", error, step: 1, ms: 0, jitter: 0 });
});

Deno.test("A handler that does not say when waits as its setting says", () => {
  assert.deepEqual(decided(again()), { kind: "retry", error, step: 1000, ms: 1000, jitter: 0.2 });
});

Deno.test("A wait of more than a month is a month", () => {
  const month = 30 * 86_400_000;
  assert.deepEqual(decided(again(10 * month)), {
    kind: "retry",
    error,
    step: 2_600_000_000,
    ms: month,
    jitter: 0,
  });
});

Deno.test("A handler's own wait is an attempt like any other", () => {
  assert.equal(decided(again(100), { retry: { attempts: 2 } }, 2).kind, "dead-letter");
  assert.equal(decided(again(100), { retry: false }).kind, "dead-letter");
});

Deno.test("Without retries, and for what is rejected, the first run is the last", () => {
  assert.deepEqual(decided(failed, { retry: false }), { kind: "dead-letter", error });
  assert.deepEqual(decided(rejected), { kind: "dead-letter", error });
});

Deno.test("Without dead letters of its own what failed for good is rejected to the broker", () => {
  assert.deepEqual(decided(rejected, { deadLetter: false }), { kind: "reject", error });
  assert.deepEqual(decided(failed, { deadLetter: false, retry: false }), { kind: "reject", error });
  assert.equal(decided(failed, { deadLetter: false }).kind, "retry", "it is tried again before");
});

Deno.test("An rpc's caller is told, and nothing is tried again", () => {
  const served = declared(rpc("fib", handler));
  for (const outcome of [failed, rejected, again(100)]) {
    assert.deepEqual(decide(outcome, served, 1), { kind: "reply", result: { error } });
  }
  assert.deepEqual(decide({ kind: "returned", output: eight }, served, 1), {
    kind: "reply",
    result: { output: eight },
  });
});

Deno.test("An expired message is left to its queue's dead-lettering, and an rpc's request is dropped", () => {
  assert.deepEqual(decided({ kind: "expired" }), { kind: "expire" });
  assert.deepEqual(decide({ kind: "expired" }, declared(rpc("fib", handler)), 1), { kind: "ack" });
});

Deno.test("A message that the runtime gave up goes back to the broker", () => {
  assert.deepEqual(decided({ kind: "abandoned" }), { kind: "leave" });
});
