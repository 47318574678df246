import type amqp from "amqplib";
import type {
  Channel,
  ChannelEnd,
  ConsumeOptions,
  Delivery,
  ExchangeDeclaration,
  QueueDeclaration,
} from "../core/link.ts";
import { readError, toBrokerError } from "./broker_error.ts";
import { bytesOf } from "./bytes.ts";
import { readProperties } from "./properties.ts";

/** A channel over amqplib. Deliveries settle through handles bound to it, and do nothing once it is closed. */
export class AmqpChannel implements Channel {
  readonly #channel: amqp.Channel;
  readonly ended: Promise<ChannelEnd>;
  #open = true;

  private constructor(channel: amqp.Channel) {
    this.#channel = channel;
    let reason: ChannelEnd = { replyCode: undefined, reason: "The channel was closed" };
    channel.on("error", (error) => reason = readError(error));
    channel.on("handler-error", (error) => reason = readError(error));
    this.ended = new Promise((resolve) => {
      channel.on("close", () => {
        this.#open = false;
        resolve(reason);
      });
    });
  }

  static async open(connection: amqp.ChannelModel): Promise<AmqpChannel> {
    return new AmqpChannel(await asked(connection.createChannel()));
  }

  async declareExchange({ name, type, durable }: ExchangeDeclaration): Promise<void> {
    await asked(this.#channel.assertExchange(name, type, { durable }));
  }

  async declareQueue(
    { name, durable, exclusive, autoDelete, arguments: args }: QueueDeclaration,
  ): Promise<string> {
    const options = { durable, exclusive, autoDelete, arguments: args };
    return (await asked(this.#channel.assertQueue(name, options))).queue;
  }

  async bindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await asked(this.#channel.bindQueue(queue, exchange, routingKey, headers));
  }

  async prefetch(count: number): Promise<void> {
    await asked(this.#channel.prefetch(count));
  }

  async consume(
    queue: string,
    { noAck }: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
    onCancel: () => void,
  ): Promise<string> {
    const onMessage = (message: amqp.ConsumeMessage | null) =>
      message === null ? onCancel() : onDelivery(this.#delivery(message, noAck));
    return (await asked(this.#channel.consume(queue, onMessage, { noAck }))).consumerTag;
  }

  async cancel(consumerTag: string): Promise<void> {
    await asked(this.#channel.cancel(consumerTag));
  }

  async close(): Promise<void> {
    if (this.#open) await asked(this.#channel.close()).catch(() => {});
    await this.ended;
  }

  #delivery(message: amqp.ConsumeMessage, noAck: boolean): Delivery {
    let settled = noAck;
    const open = () => !settled && this.#open;
    const settle = (act: () => void) => {
      if (!open()) return;
      settled = true;
      act();
    };
    return {
      body: bytesOf(message.content),
      properties: readProperties(message.properties),
      exchange: message.fields.exchange,
      routingKey: message.fields.routingKey,
      redelivered: message.fields.redelivered,
      get open() {
        return open();
      },
      ack: () => settle(() => this.#channel.ack(message)),
      requeue: () => settle(() => this.#channel.nack(message, false, true)),
    };
  }
}

async function asked<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw toBrokerError(error);
  }
}
