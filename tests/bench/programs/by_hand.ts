/** Programs as a person writes them with amqplib alone: the base of all comparisons, and the other side of all calls. */

import { Buffer } from "node:buffer";
import type amqp from "amqplib";
import { bytes, callFromTasks, counted, echo, fromTasks, job, keepOutstanding, perform } from "./kit.ts";
import { type Envelope, envelopeOf } from "./envelopes.ts";

/** amqplib's `connect`, of whichever version. */
export type Connect = typeof amqp.connect;

export async function byHand(connect: Connect): Promise<void> {
  const connection = await connect(job.url, { noDelay: true });
  await perform({
    consume: () => consume(connection),
    serve: () => serve(connection),
    call: () => call(connection, envelopeOf(job.envelope)),
    publish: () => publish(connection),
  });
}

async function consume(connection: amqp.ChannelModel): Promise<void> {
  const channel = await connection.createChannel();
  await channel.prefetch(job.prefetch);
  const handler = counted();
  await channel.consume(job.queue, async (message) => {
    await handler();
    channel.ack(message!);
  });
}

async function serve(connection: amqp.ChannelModel): Promise<void> {
  const channel = await connection.createChannel();
  await channel.assertQueue(job.queue, { durable: false });
  await channel.prefetch(job.prefetch);
  await channel.consume(job.queue, (message) => {
    const { replyTo, correlationId, contentType } = message!.properties;
    const text = message!.content.toString();
    const output = echo(contentType === "application/json" ? JSON.parse(text) : text);
    const options = { correlationId, contentType: "application/json" };
    channel.sendToQueue(replyTo, Buffer.from(JSON.stringify(output)), options);
    channel.ack(message!);
  });
}

async function call(connection: amqp.ChannelModel, envelope: Envelope): Promise<void> {
  const channel = await connection.createChannel();
  const { replyTo, request, replyId } = envelope;
  if (replyTo !== DIRECT_REPLY) await channel.assertQueue(replyTo, { expires: 120_000 });
  const waiting = new Map<string, { resolve(): void; reject(error: Error): void }>();
  await channel.consume(replyTo, (reply) => {
    if (reply!.properties.type === "error") throw new Error(`${job.queue}: ${reply!.content}`);
    const id = replyId(reply!);
    waiting.get(id)?.resolve();
    waiting.delete(id);
  }, { noAck: true });
  let calls = 0;
  await callFromTasks(() => {
    const id = String(++calls);
    const { promise, ...settle } = Promise.withResolvers<void>();
    waiting.set(id, settle);
    channel.sendToQueue(job.queue, request(id, job.size), {
      correlationId: id,
      replyTo,
      contentType: "application/json",
    });
    return promise;
  });
}

async function publish(connection: amqp.ChannelModel): Promise<void> {
  const channel = await connection.createConfirmChannel();
  const body = Buffer.from(bytes());
  const send = (confirmed: (error?: unknown) => void) =>
    void channel.sendToQueue(job.queue, body, { persistent: true }, confirmed);
  if (job.tasks) return await fromTasks(() => new Promise<void>((resolve) => send(() => resolve())));
  keepOutstanding(send);
}

const DIRECT_REPLY = "amq.rabbitmq.reply-to";
