/** Headers that fill one frame or more: they are read, or dropped without harm to anything else. */

import assert from "node:assert/strict";
import type { Broker } from "../support/amqp.ts";
import { runApp } from "../support/app.ts";
import type { Vhost } from "../support/rabbitmq.ts";
import { WireConnection } from "../support/wire_connection.ts";
import type { Properties } from "../support/wire_methods.ts";
import { testOnBroker, testOnRabbitmq } from "../support/test_on_broker.ts";

/** A connection that can send more than 64 KiB of headers, which amqplib cannot. */
async function rawChannel({ url, name }: Vhost) {
  const { hostname: host, port } = new URL(url);
  const connection = await WireConnection.open({ host, port: Number(port) }, { vhost: name });
  const channel = await connection.channel();
  await channel.call("confirm.select");
  return {
    async send(queue: string, body: string, properties: Properties) {
      await channel.publish("", queue, body, properties);
      await channel.next("basic.ack");
    },
    get: async (queue: string) => (await channel.get(queue, { noAck: true }))!,
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

const maxFrame = 131_072;
const id = { messageId: "m1", type: "order", contentType: "text/plain", correlationId: "c1" };
/** Class, weight, body size and flags; the short strings; the table's length, one name and the length of its value. */
const others = 14 + 3 + 6 + 11 + 3 + 4 + 2 + 1 + 4;
/** One header that makes all properties together `size` bytes long. */
const filling = (size: number) => ({ h: "x".repeat(size - others) });

const lengths = `export default queue("q", (text, { message: { headers }, log }) => {
  log(\`\${text} \${String(headers.h ?? "").length}\`);
});`;

/** A queue whose messages expire into `q`, with an entry in x-death. */
async function delayQueue(broker: Broker): Promise<void> {
  await broker.channel.assertQueue("delay", {
    arguments: { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "q", "x-message-ttl": 1 },
  });
}

testOnBroker(
  "A header frame that x-death makes longer than the agreed frame size is read, and the connection stays open",
  async ({ broker, vhost }) => {
    await using app = await runApp({ functions: { f: lengths }, broker });
    await delayQueue(broker);
    await using raw = await rawChannel(vhost);
    const size = maxFrame - 8;

    await raw.send("delay", "long", { ...id, headers: filling(size) });
    await app.event("handled", { messageId: "m1" });
    await broker.send("q", "after");
    await app.events("handled", 2);

    assert.deepEqual(app.said("f"), [`long ${size - others}`, "after 0"]);
    assert.deepEqual(app.seen("disconnected"), []);
  },
);

testOnBroker(
  "A header frame that a quorum queue's count makes longer than the agreed frame size is read",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `let runs = 0;
      export default queue("q", { queueType: "quorum", ack: "manual" }, (text, { message: { headers }, ack, nack, log }) => {
        log(\`\${text} \${String(headers.h ?? "").length} \${headers["x-delivery-count"] ?? 0}\`);
        ++runs % 2 ? nack() : ack();
      });`,
      },
      broker,
    });
    await using raw = await rawChannel(vhost);
    const size = maxFrame - 8;

    await raw.send("q", "long", { ...id, headers: filling(size), deliveryMode: 2 });
    await app.events("handled", 2);

    assert.deepEqual(app.said("f").map((line) => line.split(" ").slice(0, 2).join(" ")), [
      `long ${size - others}`,
      `long ${size - others}`,
    ]);
    assert.deepEqual(app.seen("disconnected"), []);
  },
);

// Each of twelve queues notes all routing keys of the message, 130,000 bytes, in its headers.
testOnRabbitmq(
  "A message with more than a megabyte of headers is dead-lettered without them",
  async ({ broker, vhost }) => {
    await using app = await runApp({ functions: { f: lengths }, broker });
    const keys = Array.from({ length: 500 }, (_, i) => `${i}`.padEnd(250, "k"));
    for (let i = 0; i < 12; i++) {
      await broker.channel.assertExchange(`x${i}`, "fanout");
      await broker.channel.assertQueue(`hop${i}`, {
        arguments: { "x-dead-letter-exchange": `x${i + 1}`, "x-message-ttl": 1 },
      });
      await broker.channel.bindQueue(`hop${i}`, `x${i}`, "");
    }
    await broker.channel.assertExchange("x12", "fanout");
    await broker.channel.bindQueue("q", "x12", "");
    await using raw = await rawChannel(vhost);

    await raw.send("hop0", "long", { ...id, headers: { CC: keys } });
    const { error, queue } = await app.event("dead-lettered", { messageId: "m1" });
    await broker.send("q", "after");
    await app.event("handled");

    assert.match(
      error,
      /^Reject: The message's headers cannot be read: they are \d{7} bytes long; Hopper reads at most 1048576/,
    );
    const dead = await raw.get(queue);
    const { headers, ...properties } = dead.properties;
    assert.equal(dead.body, "long");
    assert.deepEqual(properties, { ...id, deliveryMode: 2 });
    assert.equal(headers!["x-hopper-error"], error);
    assert.deepEqual(app.seen("disconnected"), []);
  },
);

testOnBroker(
  "Long headers that leave room for Hopper's own are kept in retries and dead letters",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { retry: { attempts: 3, delay: 5, jitter: 0 } }, (_, { message: { headers }, log }) => {
        log(String(String(headers.h).length));
        throw new Error("No");
      });`,
      },
      broker,
    });
    await using raw = await rawChannel(vhost);
    const headers = filling(128_000);

    await raw.send("q", "body", { ...id, headers });
    const { queue } = await app.event("dead-lettered", { messageId: "m1" });

    assert.deepEqual(app.said("f"), Array(3).fill(`${128_000 - others}`));
    const dead = await raw.get(queue);
    assert.ok(dead.properties.headers!.h === headers.h);
    assert.equal(dead.properties.headers!["x-hopper-attempts"], 3);
    assert.equal(dead.properties.headers!["x-hopper-dropped"], undefined);
    assert.deepEqual(app.seen("disconnected"), []);
  },
);

testOnBroker(
  "A failed message whose headers leave no room for Hopper's own is dead-lettered without them, and not retried",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", { retry: { attempts: 3, delay: 5 } }, () => { throw new Error("No"); });`,
      },
      broker,
    });
    await using raw = await rawChannel(vhost);

    await raw.send("q", "body", { ...id, headers: filling(maxFrame - 8) });
    const { error, queue } = await app.event("dead-lettered", { messageId: "m1" });

    assert.match(error, /^Error: No \(not run again: .* cannot be sent: Its headers are too long/);
    const { body, properties: { headers, ...properties } } = await raw.get(queue);
    assert.equal(body, "body");
    assert.deepEqual(properties, { ...id, deliveryMode: 2 });
    assert.match(`${headers!["x-hopper-error"]}`, /^Error: No/);
    assert.match(`${headers!["x-hopper-dropped"]}`, /^headers: .* cannot be sent: Its headers are too long/);
    assert.equal(headers!.h, undefined);
    assert.match(
      app.seen("notice").at(-1)!.message,
      /^f: m1 is moved to q\.dead without its headers: .*too long/,
    );
    assert.deepEqual(app.seen("disconnected"), []);
  },
);
