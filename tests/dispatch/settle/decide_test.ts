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

/** How a message of a queue function is settled after run number `attempt`. */
const decided = (outcome: Outcome, options: Options = {}, attempt = 1) =>
  decide(outcome, declared(queue("orders", options, handler)), attempt);

Deno.test("A message whose handler returned is acknowledged", () => {
  assert.deepEqual(decided({ kind: "returned" }), { kind: "ack" });
  assert.deepEqual(decided({ kind: "returned" }, { ack: "manual" }), { kind: "leave" });
});

Deno.test("A failed message is retried after the next delay, and dead-lettered after the last attempt", () => {
  const retry = { attempts: 3, delay: 100, factor: 2, jitter: 0.5 };
  const wait = (ms: number) => ({ kind: "retry", error, step: ms, ms, jitter: 0.5 });

  assert.deepEqual(decided(failed, { retry }, 1), wait(100));
  assert.deepEqual(decided(failed, { retry }, 2), wait(200));
  assert.deepEqual(decided(failed, { retry }, 3), { kind: "dead-letter", error });
  assert.deepEqual(decided(failed, { retry }, 4), { kind: "dead-letter", error });
});

Deno.test("A wait that a handler asks for is kept to the millisecond, in the retry queue of the next longer step", () => {
  assert.deepEqual(decided(again(5100)), { kind: "retry", error, step: 5200, ms: 5100, jitter: 0 });
  assert.deepEqual(decided(again(0)), { kind: "retry", error, step: 1, ms: 0, jitter: 0 });
});

Deno.test("A Retry without a time waits as long as the 'retry' setting says", () => {
  assert.deepEqual(decided(again()), { kind: "retry", error, step: 1000, ms: 1000, jitter: 0.2 });
});

Deno.test("A wait that a handler asks for is at most a month", () => {
  const month = 30 * 86_400_000;
  assert.deepEqual(decided(again(10 * month)), {
    kind: "retry",
    error,
    step: 2_600_000_000,
    ms: month,
    jitter: 0,
  });
});

Deno.test("A Retry counts as an attempt", () => {
  assert.equal(decided(again(100), { retry: { attempts: 2 } }, 2).kind, "dead-letter");
  assert.equal(decided(again(100), { retry: false }).kind, "dead-letter");
});

Deno.test("A rejected message, and a failed one with 'retry: false', is dead-lettered after its first run", () => {
  assert.deepEqual(decided(failed, { retry: false }), { kind: "dead-letter", error });
  assert.deepEqual(decided(rejected), { kind: "dead-letter", error });
});

Deno.test("With 'deadLetter: false' a message is rejected at the broker after its last attempt", () => {
  assert.deepEqual(decided(rejected, { deadLetter: false }), { kind: "reject", error });
  assert.deepEqual(decided(failed, { deadLetter: false, retry: false }), { kind: "reject", error });
  assert.equal(decided(failed, { deadLetter: false }).kind, "retry", "it is tried again before");
});

Deno.test("An rpc's caller gets the result or the error, and nothing is retried", () => {
  const served = declared(rpc("fib", handler));
  for (const outcome of [failed, rejected, again(100)]) {
    assert.deepEqual(decide(outcome, served, 1), { kind: "reply", result: { error } });
  }
  assert.deepEqual(decide({ kind: "returned", output: eight }, served, 1), {
    kind: "reply",
    result: { output: eight },
  });
});

Deno.test("An expired message is rejected for its queue's own dead-lettering, and an expired rpc request is acknowledged", () => {
  assert.deepEqual(decided({ kind: "expired" }), { kind: "expire" });
  assert.deepEqual(decide({ kind: "expired" }, declared(rpc("fib", handler)), 1), { kind: "ack" });
});

Deno.test("A message that the runtime gave up is left unsettled, so that the broker delivers it again", () => {
  assert.deepEqual(decided({ kind: "abandoned" }), { kind: "leave" });
});
