/** A plain AMQP program for tests, which exchanges messages with Hopper's functions. */

import { Buffer } from "node:buffer";
import amqp from "amqplib";
import { type Differences, differencesOf } from "./differences.ts";
import { eventually } from "./eventually.ts";

/** A connection with one channel in confirm mode. */
export class Broker implements AsyncDisposable {
  readonly url: string;
  readonly connection: amqp.ChannelModel;
  readonly channel: amqp.ConfirmChannel;

  constructor(url: string, connection: amqp.ChannelModel, channel: amqp.ConfirmChannel) {
    this.url = url;
    this.connection = connection;
    this.channel = channel;
  }

  /** What to expect of this version of the broker. */
  get expected(): Differences {
    return differencesOf(this.connection.connection.serverProperties.version);
  }

  /** Sends to a queue, and resolves once the broker has the message. */
  async send(queue: string, body: string | Uint8Array, options: amqp.Options.Publish = {}): Promise<void> {
    await this.publish("", queue, body, options);
  }

  /** Publishes to an exchange, and resolves once the broker has the message. */
  publish(
    exchange: string,
    key: string,
    body: string | Uint8Array,
    options: amqp.Options.Publish = {},
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.channel.publish(
        exchange,
        key,
        Buffer.from(body),
        options,
        (error) => error ? reject(error) : resolve(),
      );
    });
  }

  /** Takes the next message of a queue, which may already wait there. */
  async next(queue: string): Promise<amqp.ConsumeMessage> {
    return (await this.take(queue, 1))[0]!;
  }

  /** Takes the next `count` messages of a queue, which may already wait there. */
  async take(queue: string, count: number): Promise<amqp.ConsumeMessage[]> {
    const taken: amqp.ConsumeMessage[] = [];
    let more = Promise.withResolvers<void>();
    await this.channel.prefetch(count);
    const { consumerTag } = await this.channel.consume(queue, (message) => {
      if (message === null) return;
      taken.push(message);
      more.resolve();
      more = Promise.withResolvers();
    });
    const all = () => taken.length === count;
    await eventually(`${count} messages in ${queue}`, all, () => more.promise, () => taken);
    await this.channel.cancel(consumerTag);
    for (const message of taken) this.channel.ack(message);
    return taken;
  }

  /** Replies to a request with JSON. */
  async reply({ properties: { replyTo, correlationId } }: amqp.ConsumeMessage, json: string): Promise<void> {
    await this.publish("", replyTo, json, { correlationId, contentType: "application/json" });
  }

  /** Serves the rpc `name` from now on with the reply `null`, as a service that a function needs. */
  async serve(name: string): Promise<void> {
    await this.channel.assertQueue(name);
    await this.channel.consume(name, (request) => void (request && this.reply(request, "null")), {
      noAck: true,
    });
  }

  /** Consumes a queue and settles nothing, like a busy program, until the connection closes. */
  async occupy(queue: string): Promise<void> {
    const channel = await this.connection.createChannel();
    await channel.assertQueue(queue);
    await channel.prefetch(1);
    await this.send(queue, "keeps its consumer busy");
    const { promise: busy, resolve } = Promise.withResolvers<void>();
    await channel.consume(queue, () => resolve());
    await busy;
  }

  /** How many messages wait in a queue. */
  async waiting(queue: string): Promise<number> {
    return (await this.channel.checkQueue(queue)).messageCount;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

/** Connects as any AMQP program would. */
export async function connectBroker(url: string): Promise<Broker> {
  const connection = await amqp.connect(url, { noDelay: true });
  return new Broker(url, connection, await connection.createConfirmChannel());
}
