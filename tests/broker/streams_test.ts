/** What a stream of the embedded broker keeps through a kill of its process. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type ConfirmChannel, connect, type ConsumeMessage } from "amqplib";
import { startServerProcess } from "./server_process.ts";

const QUEUE = "log";
const stream = { arguments: { "x-queue-type": "stream" } };

async function open(url: string) {
  const connection = await connect(url);
  connection.on("error", () => {});
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  await channel.prefetch(100);
  return { connection, channel };
}

/** Reads from an offset until `count` messages have come. */
async function read(channel: ConfirmChannel, from: unknown, count: number): Promise<ConsumeMessage[]> {
  const got: ConsumeMessage[] = [];
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const { consumerTag } = await channel.consume(QUEUE, (message) => {
    if (message === null || got.length === count) return;
    channel.ack(message);
    if (got.push(message) === count) resolve();
  }, { arguments: { "x-stream-offset": from } });
  await enough;
  await channel.cancel(consumerTag);
  return got;
}

const texts = (messages: readonly ConsumeMessage[]) => messages.map(({ content }) => content.toString());
const offsets = (messages: readonly ConsumeMessage[]) =>
  messages.map(({ properties }) => properties.headers!["x-stream-offset"]);

Deno.test("After kills of the broker a stream has every confirmed message at its offset, acknowledged or not", async () => {
  const data = await Deno.makeTempDir();
  const sent: string[] = [];
  for (let kill = 0; kill < 3; kill++) {
    await using server = await startServerProcess(data);
    const { connection, channel } = await open(server.url);
    await channel.assertQueue(QUEUE, stream);
    for (let i = 0; i < 50; i++) {
      const body = `${kill}.${i}`;
      sent.push(body);
      channel.sendToQueue(QUEUE, Buffer.from(body), { persistent: i % 2 === 0, expiration: 1 });
    }
    await channel.waitForConfirms();
    const all = await read(channel, "first", sent.length);
    assert.deepEqual(texts(all), sent);
    assert.deepEqual(offsets(all), sent.map((_, offset) => offset));
    const closed = new Promise((resolve) => connection.once("close", resolve));
    await server.kill();
    await closed;
  }

  await using server = await startServerProcess(data);
  const { connection, channel } = await open(server.url);
  assert.deepEqual(texts(await read(channel, 140, 10)), sent.slice(140));
  assert.deepEqual(texts(await read(channel, "last", 1)), sent.slice(-1));
  // The times of messages are kept too.
  assert.deepEqual(offsets(await read(channel, "1h", 1)), [0]);
  await connection.close();
  await server.kill();
  await Deno.remove(data, { recursive: true });
});
