/** The queues of Hopper's own beside a function's queue: for retries and dead letters. */

import assert from "node:assert/strict";
import { fanout, type FunctionDeclaration, type Options, queue, rpc } from "../../runtime/mod.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { declared } from "../support/declared.ts";

const handler = () => {};
const plan = (declaration: FunctionDeclaration) => planFunction(declared(declaration, { name: "audit" }));

const durable = { durable: true, exclusive: false, autoDelete: false, arguments: {} };

Deno.test("With 'deadLetter: false' or 'ack: \"none\"' there is no queue for dead letters", () => {
  assert.equal(plan(queue("q", { deadLetter: false }, handler)).helpers.deadLetters, undefined);
  assert.equal(plan(queue("q", { ack: "none" }, handler)).helpers.deadLetters, undefined);
});

Deno.test("A retry queue holds a message for its delay and returns it to its queue", () => {
  const { queue: { name }, helpers } = plan(queue("orders", handler));

  assert.deepEqual(helpers.retry(name, 5000), {
    name: "orders.retry.5000",
    ...durable,
    arguments: {
      "x-message-ttl": 5000,
      "x-expires": 3_605_000,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "orders",
    },
    lease: 3_600_000,
  });
});

Deno.test("In a quorum queue those that pass others wait in a retry queue of their own, unless others own them all", () => {
  const name = (options: Options, priority: number) =>
    plan(queue("orders", options, handler)).helpers.retry("orders", 5000, priority).name;
  assert.equal(name({ queueType: "quorum" }, 4), "orders.retry.5000");
  assert.equal(name({ queueType: "quorum" }, 5), "orders.retry.5000.high");
  assert.equal(name({ queueType: "quorum", declare: "passive" }, 5), "orders.retry.5000");
  assert.equal(name({}, 5), "orders.retry.5000");
});

Deno.test("A retry queue expires one lease after its delay, and a quorum retry queue never does", () => {
  for (const ms of [1, 5000, 5 * 86_400_000, 2_000_000_000]) {
    const classic = plan(queue("orders", handler)).helpers.retry("orders", ms);
    assert.equal(Number(classic.arguments["x-expires"]) - ms, classic.lease);
    const quorum = plan(queue("orders", { queueType: "quorum" }, handler)).helpers.retry("orders", ms);
    assert.equal("x-expires" in quorum.arguments, false);
  }
});

Deno.test("A retry queue of an exclusive function is named after the function and the instance's queue", () => {
  const { name, arguments: args } = plan(fanout("logs", { exclusive: true }, handler))
    .helpers.retry("amq.gen-abc", 1000);

  assert.equal(name, "audit.retry.1000.amq.gen-abc");
  assert.equal(args["x-dead-letter-routing-key"], "amq.gen-abc");
});

Deno.test("The helper queues of a quorum queue are quorum queues that dead-letter at least once", () => {
  const { helpers } = plan(queue("orders", { queueType: "quorum" }, handler));
  const retry = helpers.retry("orders", 1000).arguments;

  assert.equal(helpers.deadLetters?.arguments["x-queue-type"], "quorum");
  assert.equal(retry["x-queue-type"], "quorum");
  assert.equal(retry["x-dead-letter-strategy"], "at-least-once");
  // Without this argument RabbitMQ dead-letters at most once.
  assert.equal(retry["x-overflow"], "reject-publish");
});

Deno.test("With 'declare: \"passive\"' the plan checks a retry queue for each delay, and the dead letters", () => {
  const needed = (declaration: FunctionDeclaration) => plan(declaration).passive?.map(({ name }) => name);
  const passive = { declare: "passive" } as const;

  assert.equal(needed(queue("q", handler)), undefined);
  assert.deepEqual(needed(queue("q", passive, handler)), [
    "q.retry.1000",
    "q.retry.4000",
    "q.retry.16000",
    "q.retry.64000",
    "q.dead",
  ]);
  assert.deepEqual(needed(queue("q", { ...passive, retry: { factor: 1 } }, handler)), [
    "q.retry.1000",
    "q.dead",
  ]);
  assert.deepEqual(needed(queue("q", { ...passive, retry: false }, handler)), ["q.dead"]);
  assert.deepEqual(needed(queue("q", { ...passive, retry: false, deadLetter: false }, handler)), []);
  assert.deepEqual(needed(queue("q", { ...passive, ack: "none" }, handler)), []);
  assert.deepEqual(needed(rpc("q", passive, handler)), []);
});

Deno.test("With 'declare: \"passive\"' a retry queue does not expire, because nobody would renew it", () => {
  const { helpers } = plan(queue("q", { declare: "passive" }, handler));

  assert.deepEqual(helpers.retry("q", 1000), {
    ...durable,
    name: "q.retry.1000",
    owned: true,
    arguments: {
      "x-message-ttl": 1000,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": "q",
    },
  });
});
