/** Two deliveries of one message at the same time, as after a reconnect or when it was published twice. */

import assert from "node:assert/strict";
import type { Outgoing } from "../../../runtime/core/ports/amqp.ts";
import { ConnectionLost } from "../../../runtime/core/ports/amqp_errors.ts";
import type { Outcome } from "../../../runtime/core/ports/outcome.ts";
import { queue, rpc } from "../../../runtime/mod.ts";
import { delivery } from "../../support/delivery.ts";
import { held, served } from "../../support/served.ts";

/** A delivery of the same message. */
const same = (redelivered = false) => delivery({ properties: { messageId: "m1" }, redelivered });

Deno.test("A message that was published twice runs once, and both are acknowledged", async () => {
  const work = held();
  using function_ = served(queue("orders", work.handler));
  const [one, two] = [same(), same()];
  const runs = [function_.run(one), function_.run(two)];
  work.resolve("done");
  await Promise.all(runs);

  assert.equal(work.runs(), 1);
  assert.deepEqual([one.settled, two.settled], ["ack", "ack"]);
  assert.equal(function_.events("handled").length, 1);
  assert.equal(function_.events("duplicate").length, 1);
});

Deno.test("A message that is redelivered while it runs is settled when the first delivery's run ends", async () => {
  const work = held();
  using function_ = served(queue("orders", work.handler));
  const [first, second] = [same(), same(true)];
  const running = function_.run(first);
  first.closeChannel();
  const following = function_.run(second);
  work.resolve("done");
  await Promise.all([running, following]);

  assert.equal(work.runs(), 1);
  assert.deepEqual([first.settled, second.settled], [undefined, "ack"]);
  assert.deepEqual(function_.events("duplicate"), []);
});

Deno.test("A failed message whose channel closed before it was moved is moved for its second delivery", async () => {
  const work = held();
  const taken: Outgoing[] = [];
  const [first, second] = [same(), same(true)];
  const publish = (message: Outgoing) => {
    // The first move fails because of the same lost connection.
    if (first.open) {
      first.closeChannel();
      return Promise.reject(new ConnectionLost("publishing"));
    }
    taken.push(message);
    return Promise.resolve();
  };
  using function_ = served(queue("orders", work.handler), { publish });
  const running = function_.run(first);
  const following = function_.run(second);
  work.reject(new Error("No"));
  await Promise.all([running, following]);

  assert.equal(work.runs(), 1);
  assert.equal(second.settled, "ack");
  assert.deepEqual(taken.map(({ routingKey }) => routingKey), ["orders.retry.1000"]);
});

Deno.test("A failed message is moved once, however many deliveries of it there are", async () => {
  const work = held();
  using function_ = served(queue("orders", work.handler));
  const first = same();
  const others = [same(true), same(true), same(true)];
  const running = function_.run(first);
  first.closeChannel();
  const following = others.map((other) => function_.run(other));
  work.reject(new Error("No"));
  await Promise.all([running, ...following]);

  assert.deepEqual(others.map(({ settled }) => settled), ["ack", "ack", "ack"]);
  assert.equal(function_.published.length, 1);
});

Deno.test("A retried message runs even if it comes back before its move is confirmed", async () => {
  const confirm = Promise.withResolvers<void>();
  let runs = 0;
  const handler = () => {
    if (++runs === 1) throw new Error("No");
  };
  using function_ = served(queue("orders", handler), { publish: () => confirm.promise });
  const [first, next] = [
    same(),
    delivery({
      exchange: "",
      routingKey: "orders",
      properties: { messageId: "m1" },
      headers: { "x-death": [{ queue: "orders.retry.1000", reason: "expired" }], "x-hopper-attempts": 1 },
    }),
  ];
  const running = [function_.run(first), function_.run(next)];
  confirm.resolve();
  await Promise.all(running);

  assert.equal(runs, 2);
  assert.deepEqual([first.settled, next.settled], ["ack", "ack"]);
  assert.deepEqual(function_.events("duplicate"), []);
});

Deno.test("A request that is delivered twice gets two replies from one run", async () => {
  const work = held();
  using function_ = served(rpc("orders", work.handler));
  const request = (replyTo: string) =>
    delivery({ properties: { messageId: "m1", replyTo, correlationId: replyTo } });
  const runs = ["one", "two"].map((from) => function_.run(request(from)));
  work.resolve(8);
  await Promise.all(runs);

  assert.equal(work.runs(), 1);
  assert.deepEqual(function_.published.map(({ routingKey }) => routingKey), ["one", "two"]);
});

Deno.test("Messages without an id are handled independently", async () => {
  const work = held();
  using function_ = served(queue("orders", work.handler));
  const nameless = [undefined, undefined, "", ""].map((messageId) => delivery({ properties: { messageId } }));
  const runs = nameless.map((each) => function_.run(each));
  work.resolve("done");
  await Promise.all(runs);

  assert.equal(work.runs(), 4);
});

Deno.test("With 'dedupe' a message with a handled id is acknowledged without a run, and one with a failed id is run", async () => {
  let runs = 0;
  const handler = () => {
    if (++runs === 1) throw new Error("No");
  };
  using function_ = served(queue("orders", { dedupe: { for: "1m" } }, handler));
  const deliveries = [same(), same(), same()];
  for (const each of deliveries) await function_.run(each);

  assert.equal(runs, 2);
  assert.deepEqual(deliveries.map(({ settled }) => settled), ["ack", "ack", "ack"]);
  assert.equal(function_.events("duplicate").length, 1);
});

Deno.test("The second delivery of a message runs if the channel and the process of the first have ended", async () => {
  const ends = [Promise.withResolvers<Outcome>(), Promise.withResolvers<Outcome>()];
  let runs = 0;
  using function_ = served(queue("orders", () => {}), { run: () => ends[runs++]!.promise });
  const [first, second] = [same(), same(true)];
  const running = function_.run(first);
  first.closeChannel();
  const following = function_.run(second);
  ends[0]!.resolve({ kind: "interrupted" });
  await running;
  ends[1]!.resolve({ kind: "returned" });
  await following;

  assert.equal(runs, 2);
  assert.deepEqual([first.settled, second.settled], [undefined, "ack"]);
});
