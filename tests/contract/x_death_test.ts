import assert from "node:assert/strict";
import { contract, type Session } from "../support/contract.ts";
import type { Table } from "../support/wire_fields.ts";

/** Publishes to a queue of that name with these headers, rejects the message, and returns the dead letter's headers. */
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
  "A dead letter exchange may be internal, and route to its alternate exchange",
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

contract("Headers about a first death that a publisher made up are overwritten", async (broker) => {
  const queue = broker.unique("queue");
  const headers = await rejected(
    broker,
    { "x-first-death-queue": "mine", "x-first-death-reason": "boredom" },
    queue,
  );
  assert.deepEqual([headers["x-first-death-queue"], headers["x-first-death-reason"]], [queue, "rejected"]);
});

for (const made of ["a string", 5, true, { a: 1 }]) {
  contract(`An x-death of ${JSON.stringify(made)} that a publisher made up is replaced`, async (broker) => {
    const headers = await rejected(broker, { "x-death": made });
    assert.equal(headers["x-death"].length, 1);
    assert.deepEqual([headers["x-death"][0]!.count, headers["x-death"][0]!.reason], [1, "rejected"]);
    const told = broker.expected.forgetsMadeUpStories ? broker.expected.toldDeaths : [];
    const names = told.flatMap((which) =>
      ["exchange", "queue", "reason"].map((part) => `x-${which}-death-${part}`)
    );
    assert.deepEqual(Object.keys(headers), ["x-death", ...names]);
  });
}

contract(
  "The count of an x-death entry that a publisher carries over is raised, whatever else it lacks",
  async (broker) => {
    const queue = broker.unique("queue");
    const entry = { count: 3, reason: "rejected", queue, exchange: "old", "routing-keys": ["old"] };
    assert.deepEqual((await rejected(broker, { "x-death": [entry] }, queue))["x-death"], [{
      ...entry,
      count: 4,
    }]);
  },
);

contract("Entries in x-death about other queues and reasons are kept behind the new one", async (broker) => {
  const others = [{ queue: "other", reason: "rejected", count: 7 }];
  const { "x-death": [latest, ...rest] } = await rejected(broker, { "x-death": others });
  assert.deepEqual([latest!.count, latest!.reason], [1, "rejected"]);
  assert.deepEqual(rest, others);
});

contract("An x-death entry whose count is raised moves to the front", async (broker) => {
  const queue = broker.unique("queue");
  const others = [{ queue: "other", reason: "rejected", count: 7 }];
  const { "x-death": deaths } = await rejected(
    broker,
    { "x-death": [...others, { queue, reason: "rejected", count: 1 }] },
    queue,
  );
  assert.deepEqual(deaths.map(({ queue, count }) => [queue, count]), [[queue, 2], ["other", 7]]);
});

const cases: readonly [
  string,
  (queue: string) => Table[],
  (queue: string) => [string, number | undefined][],
][] = [
  [
    "a single entry of this queue without a count counts 1",
    (queue) => [{ queue, reason: "rejected" }],
    (queue) => [[queue, 1]],
  ],
  [
    "a single entry of another queue is left as it is",
    () => [{ queue: "other", reason: "rejected" }],
    (queue) => [[queue, 1], ["other", undefined]],
  ],
  [
    "entries alike without a count are counted, and are one",
    (queue) => [{ queue, reason: "rejected" }, { queue, reason: "rejected" }],
    (queue) => [[queue, 3]],
  ],
  [
    "of entries alike the first one's count holds",
    (queue) => [{ queue, reason: "rejected", count: 3 }, { queue, reason: "rejected", count: 4 }],
    (queue) => [[queue, 4]],
  ],
  [
    "of entries alike the first one's missing count is made up",
    (queue) => [{ queue, reason: "rejected" }, { queue, reason: "rejected", count: 9 }],
    (queue) => [[queue, 3]],
  ],
  [
    "entries of other queues are grouped, the last one first",
    () => ["a", "b", "a", "c", "a", "b"].map((queue) => ({ queue, reason: "expired" })),
    (queue) => [[queue, 1], ["c", 1], ["b", 2], ["a", 3]],
  ],
  [
    "another reason is another group",
    (queue) => ["expired", "rejected", "expired"].map((reason) => ({ queue, reason })),
    (queue) => [[queue, 2], [queue, 2]],
  ],
];

for (const [what, carried, expected] of cases) {
  contract(`Of the x-death that a publisher carries over, ${what}`, async (broker) => {
    const queue = broker.unique("queue");
    const { "x-death": deaths } = await rejected(broker, { "x-death": carried(queue) }, queue);
    assert.deepEqual(deaths.map((death) => [death.queue, death.count]), expected(queue));
  });
}

contract(
  "Deaths in a chain of queues are listed latest first, and the others are reversed each time",
  async (broker) => {
    const channel = await broker.channel();
    const end = await broker.queue(channel);
    let next = end;
    const names = [];
    for (let i = 0; i < 4; i++) {
      next = await broker.queue(channel, {
        arguments: { "x-message-ttl": 1, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": next },
      });
      names.push(next);
    }
    await channel.call("basic.consume", { queue: end, noAck: true });
    await channel.publish("", next, "");
    const deaths = (await channel.delivery()).properties.headers!["x-death"] as Table[];
    const [fourth, third, second, first] = names;
    assert.deepEqual(deaths.map(({ queue }) => queue), [fourth, second, first, third]);
  },
);
