import assert from "node:assert/strict";
import { contract, counts, drain, type Session } from "../support/contract.ts";
import { decodeHeader } from "../support/wire_methods.ts";
import { type Table, Typed } from "../support/wire_fields.ts";
import type { Message, WireChannel } from "../support/wire_connection.ts";

/** A queue, and its queue of dead letters that the channel consumes. */
async function withDeadLetters(broker: Session, channel: WireChannel, args: Table = {}) {
  const dead = await broker.queue(channel);
  const queue = await broker.queue(channel, {
    arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead, ...args },
  });
  await channel.call("basic.consume", { queue: dead, noAck: true });
  return { queue, dead };
}

async function reject(channel: WireChannel, queue: string): Promise<void> {
  const message = await channel.get(queue);
  await channel.send("basic.reject", { deliveryTag: message!.deliveryTag, requeue: false });
}

/** The x-death entries without their times, after a check that these are recent. */
function deaths(message: Message): Table[] {
  const entries = message.properties.headers!["x-death"] as Table[];
  return entries.map(({ time, ...entry }) => {
    assert.ok(time instanceof Date && Math.abs(Date.now() - time.getTime()) < 60_000);
    return entry;
  });
}

contract("A rejected message goes to the dead letter exchange with an x-death header", async (broker) => {
  const channel = await broker.channel();
  const { queue, dead } = await withDeadLetters(broker, channel);
  await broker.fill(queue, ["rejected"], { headers: { mine: 1 }, messageId: "id", deliveryMode: 2 });
  await reject(channel, queue);
  const letter = await channel.delivery();
  assert.deepEqual([letter.body, letter.exchange, letter.routingKey, letter.redelivered], [
    "rejected",
    "",
    dead,
    false,
  ]);
  assert.deepEqual(deaths(letter), [
    { count: 1, reason: "rejected", queue, exchange: "", "routing-keys": [queue] },
  ]);
  const { "x-death": _, ...headers } = letter.properties.headers!;
  assert.deepEqual({ ...letter.properties, headers }, {
    headers: {
      mine: 1,
      ...Object.fromEntries(broker.expected.toldDeaths.flatMap((which) => [
        [`x-${which}-death-exchange`, ""],
        [`x-${which}-death-queue`, queue],
        [`x-${which}-death-reason`, "rejected"],
      ])),
    },
    messageId: "id",
    deliveryMode: 2,
  });
});

contract("The x-death header is written in RabbitMQ's types", async (broker) => {
  const channel = await broker.channel();
  const { queue } = await withDeadLetters(broker, channel);
  await broker.fill(queue, ["expired"], { expiration: "1" });
  const letter = await channel.delivery();
  const headers = decodeHeader(letter.header, true).properties.headers as Record<string, Typed>;
  const [entry] = (headers["x-death"]!.value as Typed[]).map(({ value }) => value as Record<string, Typed>);
  const types = Object.entries(entry!).map(([name, { type }]) => [name, type]);
  assert.deepEqual(types, [
    ["count", "l"],
    ["reason", "S"],
    ["queue", "S"],
    ["time", "T"],
    ["exchange", "S"],
    ["routing-keys", "A"],
    ["original-expiration", "S"],
  ]);
  assert.deepEqual(Object.keys(headers), [
    "x-death",
    "x-first-death-exchange",
    "x-first-death-queue",
    "x-first-death-reason",
  ]);
});

contract("An expired message loses its expiration, which x-death keeps", async (broker) => {
  const channel = await broker.channel();
  const { queue } = await withDeadLetters(broker, channel);
  await broker.fill(queue, ["expired"], { expiration: "5" });
  const letter = await channel.delivery();
  assert.equal(letter.properties.expiration, undefined);
  assert.deepEqual(deaths(letter), [
    { count: 1, reason: "expired", queue, exchange: "", "routing-keys": [queue], "original-expiration": "5" },
  ]);
});

contract("A rejected message loses its expiration when it is dead-lettered", async (broker) => {
  const channel = await broker.channel();
  const { queue } = await withDeadLetters(broker, channel);
  await broker.fill(queue, ["rejected"], { expiration: "60000" });
  await reject(channel, queue);
  const letter = await channel.delivery();
  assert.equal(letter.properties.expiration, undefined);
  assert.equal(deaths(letter)[0]!["original-expiration"], "60000");
});

contract(
  "A message that is pushed out of a full queue is dead-lettered with the reason 'maxlen'",
  async (broker) => {
    const channel = await broker.channel();
    const { queue } = await withDeadLetters(broker, channel, { "x-max-length": 1 });
    await broker.fill(queue, ["old", "new"]);
    const letter = await channel.delivery();
    assert.deepEqual([letter.body, deaths(letter)[0]!.reason], ["old", "maxlen"]);
    assert.deepEqual(await drain(channel, queue), ["new"]);
  },
);

contract("Without x-dead-letter-routing-key a dead letter keeps its own key and its CC", async (broker) => {
  const channel = await broker.channel();
  const exchange = await broker.exchange(channel, "topic");
  const queue = await broker.queue(channel, { arguments: { "x-dead-letter-exchange": exchange } });
  const dead = await broker.queue(channel);
  for (const routingKey of [queue, "copy"]) {
    await channel.call("queue.bind", { queue: dead, exchange, routingKey });
  }
  await channel.call("basic.consume", { queue: dead, noAck: true });
  await broker.fill(queue, ["rejected"], { headers: { CC: ["copy"], BCC: ["blind"] } });
  await reject(channel, queue);
  const letter = await channel.delivery();
  assert.deepEqual([letter.exchange, letter.routingKey, letter.properties.headers!.CC], [exchange, queue, [
    "copy",
  ]]);
  assert.deepEqual(deaths(letter)[0]!["routing-keys"], [queue, "copy"]);
});

contract("With x-dead-letter-routing-key a dead letter loses its CC", async (broker) => {
  const channel = await broker.channel();
  const { queue } = await withDeadLetters(broker, channel);
  await broker.fill(queue, ["rejected"], { headers: { CC: ["copy"] } });
  await reject(channel, queue);
  assert.equal((await channel.delivery()).properties.headers!.CC, undefined);
});

contract(
  "A second death for the same reason raises the count in x-death, and one for another reason adds an entry in front",
  async (broker) => {
    const channel = await broker.channel();
    const { queue } = await withDeadLetters(broker, channel);
    await broker.fill(queue, ["again"]);
    await reject(channel, queue);
    const once = await channel.delivery();
    await broker.fill(queue, ["again"], { headers: once.properties.headers });
    await reject(channel, queue);
    const twice = await channel.delivery();
    assert.deepEqual(deaths(twice), [{
      count: 2,
      reason: "rejected",
      queue,
      exchange: "",
      "routing-keys": [queue],
    }]);

    await broker.fill(queue, ["again"], { headers: twice.properties.headers, expiration: "1" });
    const thrice = await channel.delivery();
    assert.deepEqual(deaths(thrice).map(({ reason, count }) => [reason, count]), [["expired", 1], [
      "rejected",
      2,
    ]]);
    assert.equal(thrice.properties.headers!["x-first-death-reason"], "rejected");
  },
);

contract(
  "Messages expire and come back in a retry circle as long as a consumer rejects them",
  async (broker) => {
    const channel = await broker.channel();
    const [work, wait] = [broker.unique("work"), broker.unique("wait")];
    await channel.call("queue.declare", {
      queue: work,
      arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": wait },
    });
    await channel.call("queue.declare", {
      queue: wait,
      arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": work, "x-message-ttl": 10 },
    });
    await channel.call("basic.consume", { queue: work });
    await channel.publish("", work, "retried");
    for (let round = 0; round < 3; round++) {
      const { deliveryTag, properties } = await channel.delivery();
      const counts = (properties.headers?.["x-death"] as Table[] | undefined)?.map((
        { queue, count },
      ) => [queue, count]);
      assert.deepEqual(counts, round === 0 ? undefined : [[wait, round], [work, round]]);
      await channel.send("basic.reject", { deliveryTag, requeue: false });
    }
  },
);

contract(
  "A message that only expires does not come back to a queue in which it has expired before",
  async (broker) => {
    const channel = await broker.channel();
    const back = await broker.exchange(channel, "fanout");
    const second = await broker.queue(channel, {
      arguments: { "x-dead-letter-exchange": back, "x-message-ttl": 5 },
    });
    const first = await broker.queue(channel, {
      arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": second, "x-message-ttl": 200 },
    });
    const witness = await broker.queue(channel);
    for (const queue of [first, witness]) await channel.call("queue.bind", { queue, exchange: back });
    await channel.call("basic.consume", { queue: witness, noAck: true });
    await channel.publish("", first, "circling");
    const letter = await channel.delivery();
    assert.deepEqual(deaths(letter).map(({ queue, reason }) => [queue, reason]), [
      [second, "expired"],
      [first, "expired"],
    ]);
    assert.equal(await channel.get(first), undefined);
  },
);

contract("A dead letter for a missing exchange is dropped", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, {
    arguments: { "x-dead-letter-exchange": broker.unique("missing") },
  });
  await broker.fill(queue, ["lost"]);
  await reject(channel, queue);
  assert.deepEqual(await counts(channel, queue), { messages: 0, consumers: 0 });
});

contract("Without a dead letter exchange a rejected message is dropped", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel);
  await broker.fill(queue, ["gone"]);
  await reject(channel, queue);
  assert.deepEqual(await drain(channel, queue), []);
});

contract("Messages that are rejected together are dead-lettered in order", async (broker) => {
  const channel = await broker.channel();
  const { queue } = await withDeadLetters(broker, channel);
  await broker.fill(queue, ["1", "2", "3"]);
  for (let i = 0; i < 3; i++) await channel.get(queue);
  await channel.send("basic.nack", { deliveryTag: 3, multiple: true, requeue: false });
  assert.deepEqual(await channel.bodies(3), ["1", "2", "3"]);
});

contract(
  "A message that is pushed out of a full queue is dead-lettered after the message that pushed it out",
  async (broker) => {
    const channel = await broker.channel();
    const exchange = await broker.exchange(channel, "fanout");
    const target = await broker.queue(channel);
    const full = await broker.queue(channel, {
      arguments: { "x-max-length": 1, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": target },
    });
    await broker.fill(full, ["pushed out"]);
    for (const queue of [full, target]) await channel.call("queue.bind", { queue, exchange });
    await channel.call("basic.consume", { queue: target, noAck: true });
    await channel.publish(exchange, "", "published");
    assert.deepEqual(await channel.bodies(2), ["published", "pushed out"]);
  },
);

contract("Purged messages and those of a deleted queue are not dead-lettered", async (broker) => {
  const channel = await broker.channel();
  const { queue, dead } = await withDeadLetters(broker, channel);
  await broker.fill(queue, ["purged"]);
  await channel.call("queue.purge", { queue });
  await broker.fill(queue, ["deleted"]);
  await channel.call("queue.delete", { queue });
  await broker.fill(dead, ["first to come"]);
  assert.equal((await channel.delivery()).body, "first to come");
});

contract("A queue may be its own dead letter queue", async (broker) => {
  const channel = await broker.channel();
  const queue = await broker.queue(channel, { arguments: { "x-dead-letter-exchange": "" } });
  await channel.call("basic.consume", { queue });
  await channel.publish("", queue, "back");
  const first = await channel.delivery();
  await channel.send("basic.reject", { deliveryTag: first.deliveryTag, requeue: false });
  const second = await channel.delivery();
  assert.deepEqual([second.body, second.redelivered, deaths(second)[0]!.count], ["back", false, 1]);
});
