/** A message that waits here too long goes back to its queue, before the broker closes the channel over it. */

import assert from "node:assert/strict";
import { mock } from "node:test";
import type { Job } from "../../../runtime/core/ports/host.ts";
import type { BareMessage } from "../../../runtime/core/api/message.ts";
import type { Outcome } from "../../../runtime/core/ports/outcome.ts";
import { BrokerBlocked } from "../../../runtime/core/ports/amqp_errors.ts";
import { queue } from "../../../runtime/mod.ts";
import { delivery } from "../../support/delivery.ts";
import { held, served } from "../../support/served.ts";

// 0.95 of the broker's second, less the time of the run itself.
const defaults = { consumerTimeout: 1000, timeout: 300 };
const maxWait = 650;

/** A clock that moves only by `pass`. The wall clock is set back by an hour each time, which must not matter. */
function clock() {
  mock.timers.enable({ apis: ["setTimeout"] });
  let elapsed = 1_000_000;
  let wall = Date.now();
  const now = mock.method(performance, "now", () => elapsed);
  const wallNow = mock.method(Date, "now", () => wall);
  return {
    async pass(ms: number) {
      await turns();
      elapsed += ms;
      wall -= 3_600_000;
      mock.timers.tick(ms);
      await turns();
    },
    [Symbol.dispose]() {
      now.mock.restore();
      wallNow.mock.restore();
      mock.timers.reset();
    },
  };
}

async function turns() {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

const suspectOf = (messageId: string) =>
  delivery({ properties: { messageId }, headers: { "x-hopper-suspect": "12345678" } });

const message = (messageId: string, redelivered = false) =>
  delivery({ properties: { messageId }, redelivered });

Deno.test("A message that waits behind the exclusive gate is given back before the broker's limit", async () => {
  using time = clock();
  const work = held();
  using function_ = served(queue("orders", work.handler), { defaults: { ...defaults, timeout: 900 } });
  const [suspect, other] = [suspectOf("suspect"), message("other")];
  const running = [function_.runSuspect(suspect)];
  await turns();
  running.push(function_.run(other));

  await time.pass(49);
  assert.equal(other.settled, undefined);
  await time.pass(1);
  assert.equal(other.settled, "requeue");

  work.resolve("done");
  await Promise.all(running);
  assert.equal(suspect.settled, "ack");
  assert.equal(work.runs(), 1);
});

Deno.test("A message that waits to run alone is given back before the broker's limit", async () => {
  using time = clock();
  const work = held();
  using function_ = served(queue("orders", work.handler), { defaults: { ...defaults, timeout: 900 } });
  const [other, suspect, next] = [message("other"), suspectOf("suspect"), message("next")];
  const running = [function_.run(other), function_.runSuspect(suspect)];
  await time.pass(50);
  assert.equal(suspect.settled, "requeue");

  work.resolve("done");
  await Promise.all(running);
  await function_.run(next);
  assert.equal(next.settled, "ack");
  assert.equal(work.runs(), 2);
});

Deno.test("A second delivery that waits for the first one's run is given back before the broker's limit", async () => {
  using time = clock();
  const work = held();
  using function_ = served(queue("orders", work.handler), { defaults: { ...defaults, timeout: 900 } });
  const [first, twin, again] = [message("m1"), message("m1"), message("m1", true)];
  const running = [function_.run(first), function_.run(twin)];
  assert.ok(function_.follow(again));
  await time.pass(50);
  assert.deepEqual([twin.settled, again.settled], ["requeue", "requeue"]);

  work.resolve("done");
  await Promise.all(running);
  assert.equal(first.settled, "ack");
  assert.equal(work.runs(), 1);
  assert.deepEqual(function_.events("duplicate"), []);
});

Deno.test("The time that a message waited for a slot counts towards the limit", async () => {
  using time = clock();
  const work = held();
  using function_ = served(queue("orders", work.handler), { defaults });
  const running = [function_.runSuspect(suspectOf("suspect"))];
  await time.pass(200);
  const other = message("other");
  running.push(function_.run(other, performance.now() - maxWait + 20));

  await time.pass(19);
  assert.equal(other.settled, undefined);
  await time.pass(1);
  assert.equal(other.settled, "requeue");

  work.resolve("done");
  await Promise.all(running);
  assert.equal(work.runs(), 1);
});

Deno.test("In process mode the time until a stuck process is killed counts towards the limit", async () => {
  using time = clock();
  const work = held();
  // 0.95 of the broker's 8 s, less the 3 s of a run and the 2 s until its process is killed.
  const defaults = { consumerTimeout: 8000, timeout: 3000, isolate: "process" } as const;
  using function_ = served(queue("orders", work.handler), { defaults });
  const running = [function_.runSuspect(suspectOf("suspect"))];
  await turns();
  const other = message("other");
  running.push(function_.run(other));

  await time.pass(2599);
  assert.equal(other.settled, undefined);
  await time.pass(1);
  assert.equal(other.settled, "requeue");

  work.resolve("done");
  await Promise.all(running);
});

Deno.test("A run that was interrupted by the end of its process is repeated only if there is time", async () => {
  using time = clock();
  for (const { after, runs } of [{ after: maxWait, runs: 2 }, { after: maxWait + 1, runs: 1 }]) {
    const began: BareMessage[] = [];
    const run = ({ message }: Job): Promise<Outcome> | Outcome => {
      if (began.push(message) > 1) return { kind: "returned", output: undefined };
      return new Promise((resolve) => setTimeout(() => resolve({ kind: "interrupted" }), after));
    };
    using function_ = served(queue("orders", () => {}), { defaults, run });
    const one = message("m1");
    const running = function_.run(one);
    await time.pass(after);
    await running;

    assert.equal(began.length, runs);
    assert.equal(one.settled, runs === 2 ? "ack" : "requeue");
  }
});

Deno.test("A message that gets its turn before the limit runs, and leaves no timer behind", async () => {
  using time = clock();
  const work = held();
  using function_ = served(queue("orders", work.handler), { defaults });
  const [suspect, other] = [suspectOf("suspect"), message("other")];
  const running = [function_.runSuspect(suspect)];
  await turns();
  running.push(function_.run(other));
  await time.pass(100);
  work.resolve("done");
  await Promise.all(running);
  assert.deepEqual([suspect.settled, other.settled], ["ack", "ack"]);

  await time.pass(10_000);
  assert.equal(work.runs(), 2);
});

Deno.test("A message whose channel closed while it waited is not run", async () => {
  const work = held();
  using function_ = served(queue("orders", work.handler));
  const [suspect, other] = [suspectOf("suspect"), message("other")];
  const running = [function_.runSuspect(suspect)];
  await turns();
  running.push(function_.run(other));
  other.closeChannel();
  work.resolve("done");
  await Promise.all(running);

  assert.equal(work.runs(), 1);
});

Deno.test("A message that was given back without a run is not a suspect when it comes again", async () => {
  let runs = 0;
  using function_ = served(queue("orders", () => void runs++));
  function_.giveBack(message("m1"));
  await function_.run(message("m1", true));

  assert.equal(runs, 1);
  assert.deepEqual(function_.published, []);
});

Deno.test("A failed message that cannot be moved in time is requeued", async () => {
  using time = clock();
  const publish = () => Promise.reject(new BrokerBlocked("low on memory"));
  using function_ = served(
    queue("orders", () => {
      throw new Error("No");
    }),
    { publish, defaults },
  );
  const failed = message("m1");
  const running = function_.run(failed);

  await time.pass(949);
  assert.equal(failed.settled, undefined);
  await time.pass(1);
  assert.equal(failed.settled, "requeue");
  await running;
  assert.deepEqual(function_.events("retrying"), []);
});
