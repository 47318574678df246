import assert from "node:assert/strict";
import type { Channel } from "../../runtime/core/ports/amqp.ts";
import { AmqpConnection } from "../../runtime/link/connection.ts";
import { parseAmqpUri } from "../../runtime/link/uri.ts";
import { direct, fanout, type FunctionDeclaration, headers, queue, topic } from "../../runtime/mod.ts";
import { declareTopology } from "../../runtime/topology/declare.ts";
import { planFunction } from "../../runtime/topology/plan.ts";
import { removeBindings, staleBindings } from "../../runtime/topology/stale.ts";
import { declared } from "../support/declared.ts";
import { testOnBroker } from "../support/test_on_broker.ts";

const handler = () => {};

const plan = (declaration: FunctionDeclaration) => planFunction(declared(declaration, { name: "audit" }));
const stale = (before: FunctionDeclaration, after: FunctionDeclaration) =>
  staleBindings(plan(before), plan(after)).map(({ exchange, routingKey }) => `${exchange} ${routingKey}`);

Deno.test("A binding of the old plan that the new plan does not have is stale", () => {
  assert.deepEqual(stale(topic("logs", ["a.*", "b.*"], handler), topic("logs", ["b.*", "c.*"], handler)), [
    "logs a.*",
  ]);
  assert.deepEqual(stale(direct("logs", "error", handler), direct("other", "error", handler)), [
    "logs error",
  ]);
  assert.deepEqual(stale(topic("logs", "#", { queue: "q" }, handler), queue("q", handler)), ["logs #"]);
});

Deno.test("A binding of both plans is not stale, in whatever order its arguments are written", () => {
  assert.deepEqual(stale(fanout("logs", handler), fanout("logs", { prefetch: 1 }, handler)), []);
  assert.deepEqual(
    stale(
      headers("reports", { all: { format: "pdf", pages: 3 } }, handler),
      headers("reports", { all: { pages: 3, format: "pdf" } }, handler),
    ),
    [],
  );
});

Deno.test("A headers binding is stale if the type of a value, or 'all' and 'any', has changed", () => {
  const all = headers("reports", { all: { pages: 3 } }, handler);
  assert.deepEqual(stale(all, headers("reports", { all: { pages: "3" } }, handler)), ["reports "]);
  assert.deepEqual(stale(all, headers("reports", { any: { pages: 3 } }, handler)), ["reports "]);
});

Deno.test("Bindings of another queue, or of a temporary queue, are not stale", () => {
  assert.deepEqual(stale(topic("logs", "#", handler), topic("logs", "a", { queue: "other" }, handler)), []);
  assert.deepEqual(stale(topic("logs", "#", { exclusive: true }, handler), topic("logs", "a", handler)), []);
  assert.deepEqual(
    stale(topic("logs", "#", { exclusive: true }, handler), topic("logs", "a", { exclusive: true }, handler)),
    [],
  );
});

Deno.test("Bindings are not stale if either plan has 'declare: \"passive\"'", () => {
  const [own, others] = [
    topic("logs", "a", handler),
    topic("logs", "b", { declare: "passive" }, handler),
  ];
  assert.deepEqual([stale(own, others), stale(others, own)], [[], []]);
});

testOnBroker(
  "Stale bindings are removed at the broker, and the others stay",
  async ({ broker, vhost }) => {
    const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "runtime");
    const channel = await connection.openChannel();
    const swap = async (before: FunctionDeclaration, after: FunctionDeclaration) => {
      await declareTopology(connection, channel, plan(before));
      const queue = await declareTopology(connection, channel, plan(after));
      await removeBindings(connection, queue, staleBindings(plan(before), plan(after)));
    };

    await swap(topic("logs", ["a.*", "b.*"], handler), topic("logs", ["b.*", "c.*"], handler));
    for (const key of ["a.1", "b.1", "c.1"]) await broker.publish("logs", key, key);
    assert.deepEqual(await bodies(channel, "audit", 2), ["b.1", "c.1"]);

    await swap(
      headers("reports", { all: { format: "pdf", pages: 3, signed: true } }, handler),
      headers("reports", { any: { format: "txt" } }, handler),
    );
    await broker.publish("reports", "", "old", { headers: { format: "pdf", pages: 3, signed: true } });
    await broker.publish("reports", "", "new", { headers: { format: "txt" } });
    assert.deepEqual(await bodies(channel, "audit", 1), ["new"]);

    await channel.close();
    await connection.close();
  },
);

testOnBroker(
  "Removing a binding is not an error if the binding, its exchange or its queue is gone",
  async ({ broker, vhost }) => {
    const connection = await AmqpConnection.open(parseAmqpUri(vhost.url), "runtime");
    await broker.channel.assertQueue("audit");
    await broker.channel.assertExchange("logs", "topic");
    await broker.channel.bindQueue("audit", "logs", "still.there");
    const bound = (exchange: string, routingKey: string) => ({ exchange, routingKey, arguments: {} });

    await removeBindings(connection, "audit", [bound("logs", "never.was"), bound("gone", "#")]);
    await removeBindings(connection, "nowhere", [bound("logs", "#")]);
    await removeBindings(connection, "audit", [bound("gone", "#"), bound("logs", "still.there")]);

    await broker.publish("logs", "still.there", "x");
    assert.equal(await broker.waiting("audit"), 0);
    await connection.close();
  },
);

/** Takes `count` messages from a queue and returns their bodies. */
async function bodies(channel: Channel, queue: string, count: number): Promise<string[]> {
  const got: string[] = [];
  const all = Promise.withResolvers<void>();
  const tag = await channel.consume(queue, { noAck: false }, (delivery) => {
    got.push(new TextDecoder().decode(delivery.body));
    delivery.ack();
    if (got.length === count) all.resolve();
  }, () => {});
  await all.promise;
  await channel.cancel(tag);
  return got;
}
