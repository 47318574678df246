import assert from "node:assert/strict";
import { Slots } from "../../../runtime/dispatch/consume/slots.ts";

/** A job that runs until the test ends it. */
function held(started: () => void = () => {}) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const job = () => {
    started();
    return promise;
  };
  return { job, end: resolve, fail: reject };
}

Deno.test("Up to 'concurrency' jobs run at the same time, and the others start in the order of their arrival", async () => {
  const slots = new Slots(2);
  const started: number[] = [];
  const jobs = [1, 2, 3, 4].map((number) => held(() => started.push(number)));
  for (const { job } of jobs) slots.push(job);
  assert.deepEqual(started, [1, 2]);
  assert.deepEqual([slots.running, slots.waiting, slots.full], [2, 2, true]);

  jobs[1]!.end();
  jobs[0]!.end();
  jobs[2]!.end();
  jobs[3]!.end();
  await slots.idle();
  assert.deepEqual(started, [1, 2, 3, 4]);
  assert.deepEqual([slots.running, slots.waiting, slots.full], [0, 0, false]);
});

Deno.test("A synchronous job frees its slot at once", () => {
  const slots = new Slots(1);
  let done = 0;
  slots.push(() => void done++);
  slots.push(() => void done++);

  assert.equal(done, 2);
  assert.deepEqual([slots.running, slots.waiting], [0, 0]);
});

Deno.test("100,000 waiting synchronous jobs run without overflowing the stack", async () => {
  const slots = new Slots(1);
  const first = held();
  let done = 0;
  slots.push(first.job);
  for (let i = 0; i < 100_000; i++) slots.push(() => void done++);
  first.end();
  await slots.idle();

  assert.equal(done, 100_000);
});

Deno.test("A job that throws or rejects frees its slot", async () => {
  const slots = new Slots(1);
  const rejecting = held();
  let ran = false;
  slots.push(() => {
    throw new Error("No");
  });
  slots.push(rejecting.job);
  slots.push(() => void (ran = true));
  rejecting.fail();
  await slots.idle();

  assert.ok(ran);
});
