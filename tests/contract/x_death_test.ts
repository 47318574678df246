import assert from "node:assert/strict";
import { contract, type Session } from "../support/contract.ts";
import type { Table } from "../support/wire_fields.ts";

/** Publishes with these headers to a queue of that name, rejects the message and returns its dead letter. */
async function rejected(broker: Session, headers: Table, queue = broker.unique("queue")) {
  const channel = await broker.channel();
  const dead = await broker.queue(channel);
  await channel.call("queue.declare", {
    queue,
    arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead },
  });
  await channel.call("basic.consume", { queue: dead, noAck: true });
  await channel.publish("", queue, "", { headers });
  const message = await channel.get(queue);
  await channel.send("basic.reject", { deliveryTag: message!.deliveryTag });
  const letter = await channel.delivery();
  return letter.properties.headers as Table & { "x-death": Table[] };
}

contract(
  "a dead letter exchange of its own, in whatever way it routes, and its alternate",
  async (broker) => {
    const channel = await broker.channel();
    const alternate = await broker.exchange(channel, "fanout", { internal: true });
    const exchange = await broker.exchange(channel, "direct", {
      internal: true,
      arguments: { "alternate-exchange": alternate },
    });
    const dead = await broker.queue(channel);
    await channel.call("queue.bind", { queue: dead, exchange: alternate });
    const queue = await broker.queue(channel, { arguments: { "x-dead-letter-exchange": exchange } });
    await channel.call("queue.bind", { queue, exchange: "amq.direct", routingKey: `to-${queue}` });
    await channel.call("basic.consume", { queue: dead, noAck: true });
    await channel.publish("amq.direct", `to-${queue}`, "through");
    const message = await channel.get(queue);
    await channel.send("basic.reject", { deliveryTag: message!.deliveryTag });
    const letter = await channel.delivery();
    assert.deepEqual([letter.exchange, letter.routingKey, letter.body], [exchange, `to-${queue}`, "through"]);
    const [death] = letter.properties.headers!["x-death"] as Table[];
    assert.deepEqual([death!.exchange, death!["routing-keys"]], ["amq.direct", [`to-${queue}`]]);
    assert.equal(letter.properties.headers!["x-first-death-exchange"], "amq.direct");
  },
);

contract("headers of a first death that a publisher made up are overwritten", async (broker) => {
  const queue = broker.unique("queue");
  const headers = await rejected(
    broker,
    { "x-first-death-queue": "mine", "x-first-death-reason": "boredom" },
    queue,
  );
  assert.deepEqual([headers["x-first-death-queue"], headers["x-first-death-reason"]], [queue, "rejected"]);
});

for (const made of ["a string", 5, true, { a: 1 }]) {
  contract(`x-death ${JSON.stringify(made)}, made up by a publisher, is replaced`, async (broker) => {
    const headers = await rejected(broker, { "x-death": made });
    assert.equal(headers["x-death"].length, 1);
    assert.deepEqual([headers["x-death"][0]!.count, headers["x-death"][0]!.reason], [1, "rejected"]);
    assert.deepEqual(Object.keys(headers), ["x-death"]);
  });
}

contract("an entry that a publisher carries over is counted on, whatever else it lacks", async (broker) => {
  const queue = broker.unique("queue");
  const entry = { count: 3, reason: "rejected", queue, exchange: "old", "routing-keys": ["old"] };
  assert.deepEqual((await rejected(broker, { "x-death": [entry] }, queue))["x-death"], [{
    ...entry,
    count: 4,
  }]);
});

contract("entries of other queues and reasons are kept behind the new one", async (broker) => {
  const others = [{ queue: "other", reason: "rejected", count: 7 }];
  const { "x-death": [latest, ...rest] } = await rejected(broker, { "x-death": others });
  assert.deepEqual([latest!.count, latest!.reason], [1, "rejected"]);
  assert.deepEqual(rest, others);
});

contract("an old entry counted on comes to the front", async (broker) => {
  const queue = broker.unique("queue");
  const others = [{ queue: "other", reason: "rejected", count: 7 }];
  const { "x-death": deaths } = await rejected(
    broker,
    { "x-death": [...others, { queue, reason: "rejected", count: 1 }] },
    queue,
  );
  assert.deepEqual(deaths.map(({ queue, count }) => [queue, count]), [[queue, 2], ["other", 7]]);
});
