import assert from "node:assert/strict";
import fc from "fast-check";
import { Pausing } from "../../runtime/dispatch/circuit_breaker.ts";

const settings = { failures: 3, of: 5, within: 1000, probe: 100, most: 400 };

/** Records runs, one each millisecond: `x` failed, `.` did not. */
function record(pausing: Pausing, runs: string, from = 0): void {
  [...runs].forEach((run, i) => pausing.record(run === "x", from + i));
}

function after(runs: string, from?: Partial<typeof settings>): Pausing {
  const pausing = new Pausing({ ...settings, ...from });
  record(pausing, runs);
  return pausing;
}

/** The function is given a message to try, which fails or does not. */
function probe(pausing: Pausing, failed: boolean): void {
  pausing.probe();
  pausing.record(failed, 0);
}

Deno.test("It pauses when so many of its latest runs failed", () => {
  assert.equal(after("xx").paused, false);
  assert.equal(after("xxx").paused, true);
  assert.equal(after("x.x.x").paused, true);
});

Deno.test("Failures among many that did not fail are no reason", () => {
  assert.equal(after("x..x..x..x..x..x").paused, false);
});

Deno.test("Failures of long ago are no reason", () => {
  const pausing = after("xx");
  record(pausing, "x", 1002);
  assert.equal(pausing.paused, false, "the first two were more than a second ago");
  record(pausing, "xx", 1003);
  assert.equal(pausing.paused, true);
});

Deno.test("It pauses exactly when a look at the latest runs says so", () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (runs) => {
    const pausing = new Pausing(settings);
    for (const [i, failed] of runs.entries()) {
      pausing.record(failed, i);
      const latest = runs.slice(0, i + 1).slice(-settings.of);
      assert.equal(pausing.paused, latest.filter(Boolean).length >= settings.failures);
      if (pausing.paused) return;
    }
  }));
});

Deno.test("The waits before probes grow while they fail, up to the longest", () => {
  const pausing = after("xxx");
  const waits = [100, 200, 400, 400].map((ceiling) => {
    const { state } = pausing;
    assert.ok(state.kind === "paused");
    assert.ok(state.probeMs >= ceiling / 2 && state.probeMs <= ceiling, `${state.probeMs} of ${ceiling}`);
    probe(pausing, true);
    return state.failures;
  });
  assert.deepEqual(waits, [3, 3, 3, 3]);
});

Deno.test("A probe that does not fail ends the pause, and all begins anew", () => {
  const pausing = after("xxx");
  probe(pausing, true);
  probe(pausing, false);
  assert.deepEqual(pausing.state, { kind: "running" });

  record(pausing, "xx");
  assert.equal(pausing.paused, false, "what failed before the pause is forgotten");
  record(pausing, "x");
  assert.ok(pausing.state.kind === "paused" && pausing.state.probeMs <= 100, "the waits are short again");
});

Deno.test("Runs that began before the pause and end in it neither prolong nor end it", () => {
  const pausing = after("xxx");
  const { state } = pausing;
  record(pausing, "xxxx.");
  assert.equal(pausing.state, state);
});

Deno.test("Each change is told to whoever waits for one", async () => {
  const pausing = new Pausing(settings);
  const paused = pausing.turned;
  record(pausing, "xxx");
  await paused;

  const resumed = pausing.turned;
  probe(pausing, false);
  await resumed;
});

Deno.test("'pause: false' never pauses", () => {
  const pausing = new Pausing(false);
  record(pausing, "x".repeat(1000));
  assert.equal(pausing.paused, false);
});
