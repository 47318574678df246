import assert from "node:assert/strict";
import fc from "fast-check";
import { CircuitBreaker } from "../../runtime/dispatch/circuit_breaker.ts";

const settings = { failures: 3, of: 5, within: 1000, probe: 100, most: 400 };

/** Records runs, one each millisecond: `x` failed, `.` did not. */
function record(breaker: CircuitBreaker, runs: string, from = 0): void {
  [...runs].forEach((run, i) => breaker.record(run === "x", from + i));
}

function after(runs: string, from?: Partial<typeof settings>): CircuitBreaker {
  const breaker = new CircuitBreaker({ ...settings, ...from });
  record(breaker, runs);
  return breaker;
}

/** The function gets one message as a probe, which fails or succeeds. */
function probe(breaker: CircuitBreaker, failed: boolean): void {
  breaker.probe();
  breaker.record(failed, 0);
}

Deno.test("The circuit breaker pauses a function when 'failures' of its latest 'of' runs failed", () => {
  assert.equal(after("xx").paused, false);
  assert.equal(after("xxx").paused, true);
  assert.equal(after("x.x.x").paused, true);
});

Deno.test("The circuit breaker does not pause a function while most of its runs succeed", () => {
  assert.equal(after("x..x..x..x..x..x").paused, false);
});

Deno.test("The circuit breaker counts only failures of the time 'within'", () => {
  const breaker = after("xx");
  record(breaker, "x", 1002);
  assert.equal(breaker.paused, false, "the first two were more than a second ago");
  record(breaker, "xx", 1003);
  assert.equal(breaker.paused, true);
});

Deno.test("For any sequence of runs, the circuit breaker agrees with a count over the latest runs", () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (runs) => {
    const breaker = new CircuitBreaker(settings);
    for (const [i, failed] of runs.entries()) {
      breaker.record(failed, i);
      const latest = runs.slice(0, i + 1).slice(-settings.of);
      assert.equal(breaker.paused, latest.filter(Boolean).length >= settings.failures);
      if (breaker.paused) return;
    }
  }));
});

Deno.test("The wait before each probe doubles while probes fail, up to 'most'", () => {
  const breaker = after("xxx");
  const waits = [100, 200, 400, 400].map((ceiling) => {
    const { state } = breaker;
    assert.ok(state.kind === "paused");
    assert.ok(state.probeMs >= ceiling / 2 && state.probeMs <= ceiling, `${state.probeMs} of ${ceiling}`);
    probe(breaker, true);
    return state.failures;
  });
  assert.deepEqual(waits, [3, 3, 3, 3]);
});

Deno.test("A successful probe ends the pause, and resets the failures and the wait", () => {
  const breaker = after("xxx");
  probe(breaker, true);
  probe(breaker, false);
  assert.deepEqual(breaker.state, { kind: "running" });

  record(breaker, "xx");
  assert.equal(breaker.paused, false, "what failed before the pause is forgotten");
  record(breaker, "x");
  assert.ok(breaker.state.kind === "paused" && breaker.state.probeMs <= 100, "the waits are short again");
});

Deno.test("Runs that began before a pause and end during it do not change it", () => {
  const breaker = after("xxx");
  const { state } = breaker;
  record(breaker, "xxxx.");
  assert.equal(breaker.state, state);
});

Deno.test("Waiting for the circuit breaker to turn ends when it pauses and when it resumes", async () => {
  const breaker = new CircuitBreaker(settings);
  const paused = breaker.turned;
  record(breaker, "xxx");
  await paused;

  const resumed = breaker.turned;
  probe(breaker, false);
  await resumed;
});

Deno.test("With 'pause: false' a function is never paused", () => {
  const breaker = new CircuitBreaker(false);
  record(breaker, "x".repeat(1000));
  assert.equal(breaker.paused, false);
});
