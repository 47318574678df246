/** Which messages of a key are run. Times are milliseconds, of a clock that moves only by `pass`. */

import assert from "node:assert/strict";
import { mock } from "node:test";
import type { Latest } from "../../../runtime/core/settings/latest_settings.ts";
import { LatestLanes } from "../../../runtime/dispatch/consume/latest_lanes.ts";
import { Slots } from "../../../runtime/dispatch/consume/slots.ts";

/** Lanes whose jobs run until the test ends them; a job's lane is the first letter of its name. */
function opened(latest: Latest, concurrency = 10) {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const now = mock.method(performance, "now", () => Date.now());
  const lanes = new LatestLanes(new Slots(concurrency), latest);
  const told: string[] = [];
  const ends = new Map<string, (wait?: number) => void>();
  const push = (name: string, lane: unknown = name[0]) =>
    lanes.push(lane, {
      run() {
        told.push(name);
        return new Promise<number | void>((resolve) => ends.set(name, resolve));
      },
      supersede: () => void told.push(`not ${name}`),
    });
  return {
    lanes,
    push,
    pass: (ms: number) => mock.timers.tick(ms),
    /** What ran and what did not, since the last call. */
    told: () => told.splice(0),
    async end(name: string, wait?: number) {
      ends.get(name)!(wait);
      for (let i = 0; i < 5; i++) await Promise.resolve();
    },
    [Symbol.dispose]() {
      lanes.clear();
      now.mock.restore();
      mock.timers.reset();
    },
  };
}

const debounce = { kind: "debounce", ms: 100, most: Infinity } as const;
const throttle = { kind: "throttle", ms: 100 } as const;

Deno.test("Debounced, the latest of a lane runs once no other has come for the time", () => {
  using lanes = opened(debounce);
  lanes.push("a1");
  lanes.pass(60);
  lanes.push("a2");
  lanes.push("b1");
  assert.deepEqual(lanes.told(), ["not a1"]);
  lanes.pass(99);
  assert.deepEqual(lanes.told(), []);
  lanes.pass(1);
  assert.deepEqual(lanes.told(), ["a2", "b1"]);
});

Deno.test("Debounced, a lane that never rests runs all the same after `most`", () => {
  using lanes = opened({ ...debounce, most: 150 });
  for (const name of ["a1", "a2", "a3"]) {
    lanes.push(name);
    lanes.pass(50);
  }
  assert.deepEqual(lanes.told(), ["not a1", "not a2", "a3"]);
});

Deno.test("Throttled, the first of a lane runs at once, and of those that follow soon the latest", async () => {
  using lanes = opened(throttle);
  lanes.push("a1");
  assert.deepEqual(lanes.told(), ["a1"]);
  await lanes.end("a1");
  lanes.pass(40);
  lanes.push("a2");
  lanes.push("a3");
  lanes.pass(59);
  assert.deepEqual(lanes.told(), ["not a2"]);
  lanes.pass(1);
  assert.deepEqual(lanes.told(), ["a3"], "the time counts from the begin of a1");
  await lanes.end("a3");
  lanes.pass(100);
  lanes.push("a4");
  assert.deepEqual(lanes.told(), ["a4"]);
});

Deno.test("One message of a lane runs at a time, however long that takes", async () => {
  using lanes = opened(throttle);
  lanes.push("a1");
  lanes.push("a2");
  lanes.pass(500);
  assert.deepEqual(lanes.told(), ["a1"]);
  await lanes.end("a1");
  assert.deepEqual(lanes.told(), ["a2"]);
});

Deno.test("One that is to be run again is run, unless a later one has come", async () => {
  using lanes = opened(throttle);
  lanes.push("a1");
  await lanes.end("a1", 20);
  lanes.pass(20);
  assert.deepEqual(lanes.told(), ["a1", "a1"]);
  lanes.push("a2");
  await lanes.end("a1", 1000);
  assert.deepEqual(lanes.told(), ["not a1"]);
  lanes.pass(100);
  assert.deepEqual(lanes.told(), ["a2"]);
  await lanes.end("a2", 1000);
  lanes.push("a3");
  assert.deepEqual(lanes.told(), ["not a2"]);
});

Deno.test("A later message that comes while its lane waits for a slot is the one that runs", async () => {
  using lanes = opened(throttle, 1);
  lanes.push("a1");
  lanes.push("b1");
  lanes.push("b2");
  assert.deepEqual(lanes.told(), ["a1", "not b1"]);
  assert.equal(lanes.lanes.waiting, 0, "what waits for a slot is counted there");
  await lanes.end("a1");
  assert.deepEqual(lanes.told(), ["b2"]);
});

Deno.test("Debounced, one that waited for a slot still waits for others of its lane", async () => {
  using lanes = opened(debounce, 1);
  lanes.push("a1");
  lanes.pass(100);
  lanes.push("b1");
  lanes.pass(100);
  lanes.push("b2");
  await lanes.end("a1");
  assert.deepEqual(lanes.told(), ["a1", "not b1"]);
  lanes.pass(100);
  assert.deepEqual(lanes.told(), ["b2"]);
});

Deno.test("A message without a key is run at once", () => {
  using lanes = opened(debounce);
  for (const name of ["x1", "x2"]) lanes.push(name, Symbol());
  assert.deepEqual(lanes.told(), ["x1", "x2"]);
});

Deno.test("What waits can be forgotten; what runs keeps its lane until it ends", async () => {
  using lanes = opened(throttle);
  lanes.push("a1");
  lanes.push("a2");
  lanes.push("b1");
  await lanes.end("b1");
  lanes.push("b2");
  assert.equal(lanes.lanes.clear(), 2);
  lanes.pass(200);
  lanes.push("a3");
  assert.deepEqual(lanes.told(), ["a1", "b1"]);
  await lanes.end("a1", 50);
  assert.deepEqual(lanes.told(), ["a3"], "a1 belongs to the broker again");
});
