/** Headers that cannot be read: the message is dead-lettered unchanged, and the shared connection stays open. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { inspect } from "../../runtime/client/inspect.ts";
import { runApp } from "../support/app.ts";
import type { Vhost } from "../support/rabbitmq.ts";
import { type PublishOptions, WireConnection } from "../support/wire_connection.ts";
import { Raw, type Table, Writer } from "../support/wire_fields.ts";
import { testOnBroker, testOnRabbitmq } from "../support/test_on_broker.ts";

/** A header of this many nested tables; a frame of 128 KiB has room for 18,000. */
function tablesIn(depth: number): Table {
  const writer = new Writer();
  for (let left = depth - 1; left >= 0; left--) {
    writer.raw(tag("F")).uint(4, left * 7);
    if (left > 0) writer.shortString("k");
  }
  return { k: new Raw(writer.bytes) };
}

/** A header of this many nested lists; a frame has room for 26,000. */
function listsIn(depth: number): Table {
  const writer = new Writer();
  for (let left = depth - 1; left >= 0; left--) writer.raw(tag("A")).uint(4, left * 5);
  return { k: new Raw(writer.bytes) };
}

const tag = (letter: string) => new TextEncoder().encode(letter);

/** Sends bytes to a queue that no usual client would send. */
async function send(vhost: Vhost, queue: string, body: string, options: PublishOptions): Promise<void> {
  const { hostname: host, port } = new URL(vhost.url);
  await using connection = await WireConnection.open({ host, port: Number(port) }, { vhost: vhost.name });
  const channel = await connection.channel();
  await channel.call("confirm.select");
  await channel.publish("", queue, body, options);
  await channel.next("basic.ack");
}

const log = `export default queue("q", (text, { log }) => log(text));`;

for (
  const [name, headers] of Object.entries({
    "1,001 tables": tablesIn(1_001),
    "9,000 tables": tablesIn(9_000),
    "18,000 tables": tablesIn(18_000),
    "26,000 lists": listsIn(26_000),
  })
) {
  // The embedded broker refuses headers that are nested so deep.
  testOnRabbitmq(
    `A message with headers nested too deep (${name}) is dead-lettered unchanged`,
    async ({ broker, vhost }) => {
      await using app = await runApp({ functions: { f: log }, broker });

      await broker.send("q", "before");
      await send(vhost, "q", "too deep", { headers, messageId: "m1", correlationId: "c1" });
      await broker.send("q", "after");
      await app.events("handled", 2);
      const { error } = await app.event("dead-lettered", { messageId: "m1" });

      assert.equal(
        error,
        "Reject: The message's headers cannot be read: header 'k': Tables and lists are nested deeper than 1000",
      );
      assert.deepEqual(app.said("f"), ["before", "after"]);
      assert.deepEqual(app.seen("disconnected"), []);
      // Other clients could not read such headers.
      await using inspection = await inspect(vhost.url, {});
      const dead = (await inspection.channel.get("q.dead"))!;
      assert.equal(new TextDecoder().decode(dead.body), "too deep");
      assert.equal(dead.properties.correlationId, "c1");
      assert.equal(dead.headers.get("x-hopper-error"), error);
      const came = Buffer.from(new Writer().table(headers).bytes.subarray(4));
      assert.ok(Buffer.from(dead.headers.bytes).includes(came), "its headers");
    },
  );
}

testOnBroker("A handler gets headers that are nested to the allowed depth", async ({ broker, vhost }) => {
  await using app = await runApp({
    functions: {
      f: `export default queue("q", (_, { message: { headers }, log }) => {
        let depth = 0;
        for (let at: any = headers.k; at; at = at.k) depth++;
        log(\`\${depth}\`);
      });`,
    },
    broker,
  });

  await send(vhost, "q", "x", { headers: tablesIn(1_000) });
  await app.event("handled");

  assert.deepEqual(app.said("f"), ["1000"]);
});

testOnBroker(
  "A header of a type that RabbitMQ knows and amqplib does not is read",
  async ({ broker, vhost }) => {
    await using app = await runApp({
      functions: {
        f: `export default queue("q", (text, { message: { headers }, log }) => log(\`\${text} \${headers.table?.number}\`));`,
      },
      broker,
    });

    await send(vhost, "q", "x", {
      headers: { table: { number: new Raw(new Writer().raw(tag("L")).uint(8, 1).bytes) } },
      messageId: "m1",
    });
    await broker.send("q", "after");
    await app.events("handled", 2);

    assert.deepEqual(app.said("f"), ["x 1", "after undefined"]);
    assert.deepEqual(app.seen("disconnected"), []);
  },
);

testOnRabbitmq(
  "An rpc's caller gets an error if the headers of its request cannot be read",
  async ({ broker, vhost }) => {
    await using app = await runApp({ functions: { f: `export default rpc("f", () => 1);` }, broker });
    await broker.channel.assertQueue("replies");

    await send(vhost, "f", "1", { headers: tablesIn(9_000), replyTo: "replies", correlationId: "c1" });
    const { content, properties } = await broker.next("replies");

    assert.equal(properties.correlationId, "c1");
    const { code, status, detail } = JSON.parse(`${content}`);
    assert.deepEqual([code, status], ["BAD_REQUEST", 400]);
    assert.match(detail, /^The message's headers cannot be read/);
    assert.deepEqual(app.seen("disconnected"), []);
  },
);
