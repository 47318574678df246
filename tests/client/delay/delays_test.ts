import assert from "node:assert/strict";
import { pathOf } from "../../../runtime/client/delay/waits.ts";
import {
  type Client,
  connect,
  NoSuchFunction,
  type SendOptions,
  Unroutable,
} from "../../../runtime/client/mod.ts";
import { NoSuchExchange } from "../../../runtime/core/ports/amqp_errors.ts";
import type { Broker } from "../../support/amqp.ts";
import { eventually } from "../../support/eventually.ts";
import { given } from "../../support/every_property.ts";
import { queueNames } from "../../support/rabbitmq.ts";
import { rabbitmq, testOnBroker, testOnRabbitmq } from "../../support/test_on_broker.ts";
import { withUser } from "../../support/user.ts";

/** When messages arrived in a queue, by their bodies, in order. */
async function arrivals(broker: Broker, queue: string) {
  const times = new Map<string, number>();
  let more = Promise.withResolvers<void>();
  await broker.channel.consume(queue, (message) => {
    times.set(`${message?.content}`, performance.now());
    more.resolve();
    more = Promise.withResolvers();
  }, { noAck: true });
  return {
    times,
    all: (count: number) =>
      eventually(
        `${count} messages in ${queue}`,
        () => times.size >= count,
        () => more.promise,
        () => [...times],
      ),
  };
}

testOnBroker(
  "A delayed message arrives when it is due, by a duration or by a time",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);
    const delays = [50, 120, 500, 999, 1_000, 2_500];
    // The first one with each way makes its queues.
    for (const delay of delays) await hopper.send("tasks", `first ${delay}`, { delay });
    const { times, all } = await arrivals(broker, "tasks");
    await all(delays.length);

    const due = new Map<string, number>();
    const confirmed: number[] = [];
    const rounds = 3;
    const send = async (body: string, delay: number, options: SendOptions) => {
      const now = performance.now();
      due.set(body, now + delay);
      await hopper.send("tasks", body, options);
      confirmed.push(performance.now() - now);
    };
    for (let round = 0; round < rounds; round++) {
      for (const delay of delays) {
        await send(`after ${delay} ${round}`, delay, { delay });
        await send(`at ${delay} ${round}`, delay, { at: new Date(Date.now() + delay) });
      }
      await all(delays.length + due.size);
    }

    // A broker that is busy confirms late, and so it moves messages late from one wait to the next.
    const slow = confirmed.toSorted((a, b) => a - b)[confirmed.length >> 1]!;
    for (const delay of delays) {
      const allowed = Math.max(100, 3 * slow * pathOf(delay, "tasks").length);
      for (const kind of [`after ${delay}`, `at ${delay}`]) {
        const late = Array.from(
          { length: rounds },
          (_, i) => times.get(`${kind} ${i}`)! - due.get(`${kind} ${i}`)!,
        );
        assert.ok(late.every((ms) => ms > -20), `${kind}: ${late}`);
        assert.ok(Math.min(...late) <= allowed, `${kind}: ${late}; it may be ${allowed} ms`);
      }
    }
  },
);

testOnBroker(
  "Messages with the same delay, or the same time, arrive in the order they were sent",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);
    const { times, all } = await arrivals(broker, "tasks");
    const bodies = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind} ${i}`);
    const [delayed, timed] = [bodies("delay", 500), bodies("at", 50)];
    const at = new Date(Date.now() + 3_000).toISOString();
    // All within 50 ms.
    await Promise.all(timed.map((body) => hopper.send("tasks", body, { at })));
    await Promise.all(delayed.map((body) => hopper.send("tasks", body, { delay: 1_540 })));
    await all(delayed.length + timed.length);

    const arrived = (kind: string) => [...times.keys()].filter((body) => body.startsWith(kind));
    assert.deepEqual(arrived("delay"), delayed);
    assert.deepEqual(arrived("at"), timed);
  },
);

testOnBroker("A message that is due already arrives at once, as any other", async ({ broker, vhost }) => {
  await broker.channel.assertQueue("tasks");
  await using hopper = await connect(vhost.url);
  await hopper.send("tasks", 1, { delay: 0 });
  await hopper.send("tasks", 2, { at: "2020-01-01T00:00:00Z" });

  const [first, second] = await broker.take("tasks", 2);
  assert.deepEqual([first!.fields.exchange, second!.fields.exchange], ["", ""]);
  assert.equal(second!.properties.headers, undefined);
});

testOnBroker(
  "A published message is delayed, and then reaches the queues that are bound then, by its own key",
  async ({ broker, vhost }) => {
    const { channel } = broker;
    await channel.assertExchange("events", "topic");
    await using hopper = await connect(vhost.url);
    await hopper.publish("events", "order.made", "late", { delay: 300 });
    for (const [queue, key] of [["orders", "order.*"], ["users", "user.*"]] as const) {
      await channel.assertQueue(queue);
      await channel.bindQueue(queue, "events", key);
    }
    const message = await broker.next("orders");
    assert.equal(`${message.content}`, "late");
    assert.equal(message.fields.routingKey, "order.made");
    assert.equal(await broker.waiting("users"), 0);
  },
);

testOnBroker(
  "A delayed message arrives with the properties and headers of its sender, also in another program",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks", { maxPriority: 5 });
    await using hopper = await connect(vhost.url);
    const { expiration, timestamp: _, ...properties } = given;
    await hopper.send("tasks", "hello", {
      ...properties,
      expiration: Number(expiration),
      headers: { tenant: "a", "x-death": [{ queue: "hopper.delay.20ms", reason: "expired" }] },
      delay: 60,
    });
    const { properties: got } = await broker.next("tasks");
    const { tenant, ...others } = got.headers!;
    const { persistent, ...same } = properties;
    const { headers: __, clusterId: ___, expiration: none, timestamp, ...rest } = got;
    assert.deepEqual(rest, { ...same, deliveryMode: persistent ? 2 : 1 });
    assert.ok(Math.abs(timestamp - Date.now() / 1000) < 5);
    // The broker forgets it when it moves a message.
    assert.equal(none, undefined);
    assert.equal(others["x-hopper-expiration"], 60_000);
    assert.equal(tenant, "a");
    assert.ok(Object.keys(others).every((name) => /^x-(hopper-|death$|first-death-|last-death-)/.test(name)));
  },
);

testOnBroker("A delay to a queue or exchange that does not exist fails at once", async ({ vhost }) => {
  await using hopper = await connect(vhost.url);
  await assert.rejects(hopper.send("nowhere", 1, { delay: "1m" }), Unroutable);
  await assert.rejects(hopper.publish("no.such", "", 1, { delay: "1m" }), NoSuchExchange);
  await hopper.send("nowhere", 1, { delay: "1m", mandatory: false });
  await hopper.publish("no.such", "", 1, { delay: "1m", mandatory: false });
  await assert.rejects(hopper.call("nowhere", 1), NoSuchFunction);
});

testOnBroker(
  "A message whose queue is gone when it is due is kept, and holds up no other",
  async ({ broker, vhost }) => {
    for (const queue of ["gone", "tasks"]) await broker.channel.assertQueue(queue);
    await using hopper = await connect(vhost.url);
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => hopper.send("gone", `lost ${i}`, { delay: 400 })),
    );
    await broker.channel.deleteQueue("gone");
    await hopper.send("tasks", "here", { delay: 400 });

    assert.equal(`${(await broker.next("tasks")).content}`, "here");
    const kept = await broker.take("hopper.delay.dead", 100);
    assert.deepEqual(
      kept.map(({ content }) => `${content}`),
      Array.from({ length: 100 }, (_, i) => `lost ${i}`),
    );
  },
);

testOnBroker(
  "Published messages that no queue takes when they are due hold up no other",
  async ({ broker, vhost }) => {
    await broker.channel.assertExchange("events", "topic");
    await using hopper = await connect(vhost.url);
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => hopper.publish("events", "a", `unheard ${i}`, { delay: 200 })),
    );
    await broker.channel.assertQueue("heard");
    await hopper.publish("events", "b", "heard", { delay: 1_000 });
    await broker.channel.bindQueue("heard", "events", "b");

    assert.equal(`${(await broker.next("heard")).content}`, "heard");
  },
);

testOnBroker(
  "Messages of different priorities do not hold up each other, and keep their priority",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);
    for (const priority of [1, 9]) await hopper.send("tasks", "first", { delay: "2s", priority });
    await broker.take("tasks", 2);
    await hopper.send("tasks", "low", { delay: "2s", priority: 1 });
    for (let i = 0; i < 3; i++) {
      await hopper.send("tasks", `high ${i}`, { delay: "2s", priority: 9 });
      // The later the next one comes, the longer it could hold up the first.
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    const got = await broker.take("tasks", 4);
    const order = got.map(({ content, properties }) => `${content}, ${properties.priority}`);
    // It was sent with the first of the others.
    assert.ok(order.indexOf("low, 1") < 2, `${order}`);
    assert.deepEqual(order.filter((one) => one !== "low, 1"), ["high 0, 9", "high 1, 9", "high 2, 9"]);
  },
);

testOnBroker(
  "Copies for other queues cannot be delayed, and a delay of a published message not be cancelled",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);
    await assert.rejects(
      hopper.send("tasks", 1, { delay: 100, headers: { CC: ["others"] } }),
      /Header 'CC' .* a delay/,
    );
    await assert.rejects(
      hopper.publish("amq.fanout", "", 1, { delay: 100, cancel: true }),
      /'cancel' goes with send/,
    );
    await assert.rejects(hopper.send("tasks", 1, { delay: "-5m" as "5m" }), { name: "ArgumentError" });
  },
);

testOnBroker("A cancelled message does not arrive, and any other does", async ({ broker, vhost }) => {
  await broker.channel.assertQueue("tasks");
  const send = (hopper: Client, body: string) => hopper.send("tasks", body, { delay: "1s", cancel: true });
  let [first, second] = ["", ""];
  {
    await using hopper = await connect(vhost.url);
    first = await send(hopper, "cancelled");
    second = await send(hopper, "arrives");
    await hopper.send("tasks", "as well", { delay: "1s" });
  }
  await using another = await connect(vhost.url);
  assert.equal(await another.cancel(first), true);
  const got = await broker.take("tasks", 2);
  assert.deepEqual(got.map(({ content }) => `${content}`), ["arrives", "as well"]);
  assert.equal(await another.cancel(second), false, "it was due already");
  // Whatever was sent later with the same delay has come, so the cancelled one would have.
  await another.send("tasks", "last", { delay: "1s" });
  assert.equal(`${(await broker.next("tasks")).content}`, "last");
  await assert.rejects(another.cancel("order-7"), /The id is .order-7.; expected one that send returned for/);
});

testOnRabbitmq(
  "Delays need few queues, however many messages wait, and those only that they pass",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await using hopper = await connect(vhost.url);
    await Promise.all(Array.from({ length: 500 }, () => hopper.send("tasks", 1, { delay: "10m" })));
    const names = (await queueNames(vhost)).filter((name) => name !== "tasks");
    assert.deepEqual(names.filter((name) => !name.startsWith("hopper.delay.out-")), [
      "hopper.delay.2m",
      "hopper.delay.8m",
      "hopper.delay.dead",
      "hopper.delay.none",
    ]);
    assert.equal(names.length, 5);
  },
);

testOnRabbitmq(
  "A sender without the rights that delays need is told which they are",
  async ({ broker, vhost }) => {
    await broker.channel.assertQueue("tasks");
    await using user = await withUser(rabbitmq!, vhost, { configure: "^$", write: ".*", read: ".*" });
    await using hopper = await connect(user.url);
    await assert.rejects(hopper.send("tasks", 1, { delay: "1m" }), {
      code: "TOPOLOGY_REFUSED",
      message:
        /gives no permission .* configure, write and read permission for names that begin with 'hopper\.delay'/,
    });
    await hopper.send("tasks", 1);
  },
);

testOnBroker("What somebody deleted is made again", async ({ broker, vhost }) => {
  await broker.channel.assertQueue("tasks");
  await using hopper = await connect(vhost.url);
  await hopper.send("tasks", 1, { delay: 50 });
  await broker.next("tasks");
  await broker.channel.deleteQueue("hopper.delay.60ms");
  await hopper.send("tasks", 2, { delay: 50 });
  assert.equal(`${(await broker.next("tasks")).content}`, "2");
  await broker.channel.deleteExchange("hopper.delay");
  await hopper.send("tasks", 3, { delay: 50 });
  assert.equal(`${(await broker.next("tasks")).content}`, "3");
});
