import assert from "node:assert/strict";
import { LimitedLanes } from "../../../runtime/dispatch/consume/limited_lanes.ts";
import { Slots } from "../../../runtime/dispatch/consume/slots.ts";

/** Lanes whose jobs run until the test ends them. */
function opened(limit: number, concurrency = 10) {
  const lanes = new LimitedLanes(new Slots(concurrency), limit);
  const started: string[] = [];
  const ends = new Map<string, (wait?: number) => void>();
  const push = (lane: string, name: string) =>
    lanes.push(lane, {
      run() {
        started.push(name);
        return new Promise<number | void>((resolve) => ends.set(name, resolve));
      },
      supersede: () => assert.fail("nothing is superseded"),
    });
  const end = async (name: string, wait?: number) => {
    ends.get(name)!(wait);
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { lanes, started, push, end };
}

Deno.test("Jobs of one lane run one after the other, and those of others at the same time", async () => {
  const { started, push, end } = opened(1);
  for (const name of ["a1", "a2", "b1", "a3"]) push(name[0]!, name);
  assert.deepEqual(started, ["a1", "b1"]);
  await end("a1");
  assert.deepEqual(started, ["a1", "b1", "a2"]);
  await end("a2");
  assert.deepEqual(started, ["a1", "b1", "a2", "a3"]);
});

Deno.test("A job that waits for its lane takes no slot", () => {
  const { started, push } = opened(1, 2);
  for (const name of ["a1", "a2", "a3", "b1"]) push(name[0]!, name);
  assert.deepEqual(started, ["a1", "b1"]);
});

Deno.test("A job that is to be done again keeps its lane, but no slot, until then", async () => {
  const { lanes, started, push, end } = opened(1, 1);
  for (const name of ["a1", "a2", "b1"]) push(name[0]!, name);
  await end("a1", 5);
  assert.deepEqual(started, ["a1", "b1"]);
  assert.equal(lanes.waiting, 2);
  await end("b1");
  while (started.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(started, ["a1", "b1", "a1"]);
  await end("a1");
  assert.deepEqual(started.at(-1), "a2");
});

Deno.test("What waits can be forgotten; what runs keeps its lane until it ends", async () => {
  const { lanes, started, push, end } = opened(1, 2);
  for (const name of ["a1", "a2", "b1", "c1"]) push(name[0]!, name);
  await end("b1", 1000);
  assert.deepEqual(started, ["a1", "b1", "c1"]);
  assert.equal(lanes.clear(), 2, "a2, and b1 that was to be done again");
  push("a", "a3");
  push("b", "b2");
  assert.equal(started.includes("a3"), false);
  await end("c1");
  assert.ok(started.includes("b2"));
  await end("a1");
  assert.equal(started.at(-1), "a3");
});
