import assert from "node:assert/strict";
import { QueueCounts } from "../../../runtime/observe/metrics/queue_counts.ts";
import type { Waiting } from "../../../runtime/observe/metrics/source.ts";

const times = { fresh: 5_000, wait: 20, stale: 30_000 };
const orders = (ready: number): Waiting[] => [{ function: "orders", queue: "orders", kind: "work", ready }];

/** Counts whose broker answers when the test says so. */
function counted() {
  const answers: PromiseWithResolvers<Waiting[]>[] = [];
  let now = 0;
  const counts = new QueueCounts(
    () => {
      const answer = Promise.withResolvers<Waiting[]>();
      answers.push(answer);
      return answer.promise;
    },
    times,
    () => now,
  );
  return { counts, answers, at: (ms: number) => now = ms };
}

Deno.test("Many readers at once ask the broker once, and again only when five seconds are over", async () => {
  const { counts, answers, at } = counted();
  const readers = [counts.current(), counts.current(), counts.current()];
  assert.equal(answers.length, 1);
  answers[0]!.resolve(orders(1));
  assert.deepEqual(await Promise.all(readers), [orders(1), orders(1), orders(1)]);

  at(5_000);
  assert.deepEqual(await counts.current(), orders(1));
  assert.equal(answers.length, 1);
  at(5_001);
  const again = counts.current();
  assert.equal(answers.length, 2);
  answers[1]!.resolve(orders(2));
  assert.deepEqual(await again, orders(2));
});

Deno.test("A broker that does not answer keeps no reader waiting, and is not asked twice at once", async () => {
  const { counts, answers, at } = counted();
  assert.equal(await counts.current(), undefined);
  assert.equal(await counts.current(), undefined);
  assert.equal(answers.length, 1);
  answers[0]!.resolve(orders(3));
  await new Promise((resolve) => setTimeout(resolve));

  // A late answer is used by those who come later, and for a while also if the next one is late too.
  at(20_000);
  assert.deepEqual(await counts.current(), orders(3));
  assert.equal(answers.length, 2);
  at(30_001);
  assert.equal(await counts.current(), undefined);
  // One that never answers is asked again some time.
  at(60_000);
  assert.equal(await counts.current(), undefined);
  assert.equal(answers.length, 3);
});

Deno.test("Without a connection there are no counts, and no error", async () => {
  const { counts, answers } = counted();
  const reading = counts.current();
  answers[0]!.reject(new Error("There is no connection to the broker"));
  assert.equal(await reading, undefined);
});
