/** What was confirmed to a client survives a kill of the broker's process at any moment. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage } from "amqplib";
import { startServerProcess } from "./server_process.ts";

const QUEUE = "ledger";
const KILLS = 20;

Deno.test("After each of 20 kills of the broker every confirmed message is there, in order", async () => {
  const data = await Deno.makeTempDir();
  const confirmed: number[] = [];
  let next = 1;
  for (let kill = 1; kill <= KILLS; kill++) {
    await using server = await startServerProcess(data);
    const { channel, closed } = await open(server.url);
    await channel.assertQueue(QUEUE, { durable: true });
    const enough = Promise.withResolvers<void>();
    let now = 0;
    for (let sent = 0; sent < 400; sent++) {
      const number = next++;
      channel.sendToQueue(QUEUE, Buffer.from(String(number)), { persistent: true }, (error) => {
        if (error) return;
        confirmed.push(number);
        if (++now === kill * 15) enough.resolve();
      });
    }
    await enough.promise;
    await server.kill();
    await closed;
  }

  await using server = await startServerProcess(data);
  const { connection, channel } = await open(server.url);
  const kept = (await drain(channel, QUEUE)).map(({ content }) => Number(content.toString()));
  assert.deepEqual(kept, kept.toSorted((a, b) => a - b), "order is kept");
  assert.deepEqual(confirmed.filter((number) => !kept.includes(number)), [], "nothing confirmed is missing");
  assert.equal(new Set(kept).size, kept.length, "nothing is there twice");
  await connection.close();
  await server.kill();
  await Deno.remove(data, { recursive: true });
});

Deno.test("After a kill of the broker, delivered messages are redelivered and acknowledged ones are gone", async () => {
  const data = await Deno.makeTempDir();
  {
    await using server = await startServerProcess(data);
    const { channel, closed } = await open(server.url);
    await channel.assertQueue(QUEUE, { durable: true });
    for (const body of ["acknowledged", "delivered", "waiting"]) {
      channel.sendToQueue(QUEUE, Buffer.from(body), { persistent: true });
    }
    channel.sendToQueue(QUEUE, Buffer.from("transient"));
    await channel.waitForConfirms();
    channel.ack(await channel.get(QUEUE) as GetMessage);
    await channel.get(QUEUE);
    // A later message is confirmed, so everything before it has been written.
    channel.sendToQueue(QUEUE, Buffer.from("later"), { persistent: true });
    await channel.waitForConfirms();
    await server.kill();
    await closed;
  }
  await using server = await startServerProcess(data);
  const { connection, channel } = await open(server.url);
  const kept = (await drain(channel, QUEUE)).map((
    { content, fields },
  ) => [content.toString(), fields.redelivered]);
  assert.deepEqual(kept, [["delivered", true], ["waiting", false], ["later", false]]);
  await connection.close();
  await server.kill();
  await Deno.remove(data, { recursive: true });
});

Deno.test("Durable exchanges, queues and bindings survive a kill with their arguments", async () => {
  const data = await Deno.makeTempDir();
  {
    await using server = await startServerProcess(data);
    const { channel, closed } = await open(server.url);
    await channel.assertExchange("events", "topic");
    await channel.assertExchange("audit", "fanout");
    await channel.assertQueue("one", { maxPriority: 5, deadLetterExchange: "audit" });
    await channel.assertQueue("two");
    await channel.assertQueue("gone", { durable: false });
    await channel.bindExchange("audit", "events", "a.#");
    await channel.bindQueue("one", "events", "*.b");
    await channel.bindQueue("two", "audit", "");
    await server.kill();
    await closed;
  }
  await using server = await startServerProcess(data);
  const { connection, channel } = await open(server.url);
  await channel.assertExchange("events", "topic");
  await channel.assertQueue("one", { maxPriority: 5, deadLetterExchange: "audit" });
  channel.publish("events", "a.b", Buffer.from("x"));
  await channel.waitForConfirms();
  assert.equal((await drain(channel, "one")).length, 1);
  assert.equal((await drain(channel, "two")).length, 1);
  await assert.rejects(channel.checkQueue("gone"), /NOT_FOUND - no queue 'gone'/);
  await connection.close();
  await server.kill();
  await Deno.remove(data, { recursive: true });
});

interface Opened {
  connection: ChannelModel;
  channel: ConfirmChannel;
  /** Resolves when the connection has ended. */
  closed: Promise<void>;
}

async function open(url: string): Promise<Opened> {
  const connection = await connect(url);
  const closed = new Promise<void>((resolve) => connection.once("close", () => resolve()));
  // The broker is killed on purpose. amqplib reports it here and to every waiting call.
  connection.on("error", () => {});
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  return { connection, channel, closed };
}

async function drain(channel: ConfirmChannel, queue: string): Promise<GetMessage[]> {
  const messages: GetMessage[] = [];
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) return messages;
    messages.push(message);
  }
}
