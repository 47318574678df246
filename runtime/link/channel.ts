import { nextTick } from "node:process";
import type amqp from "amqplib";
import type { BrokerVersion } from "../core/ports/broker_version.ts";
import type {
  Channel,
  ChannelEnd,
  ConsumeOptions,
  Delivery,
  ExchangeDeclaration,
  QueueDeclaration,
} from "../core/ports/amqp.ts";
import { BrokerError } from "../core/ports/amqp_errors.ts";
import { AckWindow } from "./ack_window.ts";
import { brokerOf, numberOf, opened } from "./amqplib_internals.ts";
import { asked, readError } from "./broker_error.ts";
import { AmqpDelivery, type Settler } from "./delivery.ts";
import type { Outbox } from "./outbox.ts";
import { SettleFrames } from "./settle_frames.ts";

/**
 * A channel over amqplib. Its deliveries settle themselves through it, and do nothing when it is closed. Hopper writes
 * the settling frames itself, all of one turn together: that takes a tenth of amqplib's time, and they leave earlier.
 */
export class AmqpChannel implements Channel, Settler {
  readonly #channel: amqp.Channel;
  readonly #outbox: Outbox;
  readonly #frames: SettleFrames;
  readonly #acks: AckWindow;
  readonly ended: Promise<ChannelEnd>;
  readonly broker: BrokerVersion;
  #open = true;
  #prefetch = 0;
  #flushing = false;

  private constructor(channel: amqp.Channel, outbox: Outbox) {
    this.#channel = channel;
    this.#outbox = outbox;
    this.broker = brokerOf(channel);
    this.#frames = new SettleFrames(numberOf(channel));
    this.#acks = new AckWindow((deliveryTag, multiple) => this.#frames.ack(deliveryTag, multiple));
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

  static async open(connection: amqp.ChannelModel, outbox: Outbox): Promise<AmqpChannel> {
    return new AmqpChannel(await asked(opened(connection.createChannel())), outbox);
  }

  /** Whether deliveries can still be settled here. */
  get open(): boolean {
    return this.#open;
  }

  async declareExchange({ name, type, ...options }: ExchangeDeclaration): Promise<void> {
    await asked(this.#channel.assertExchange(name, type, options));
  }

  async declareQueue(
    { name, durable, exclusive, autoDelete, arguments: args }: QueueDeclaration,
  ): Promise<string> {
    const options = { durable, exclusive, autoDelete, arguments: args };
    return (await asked(this.#channel.assertQueue(name, options))).queue;
  }

  hasExchange(name: string): Promise<boolean> {
    return isThere(this.#channel.checkExchange(name));
  }

  hasQueue(name: string): Promise<boolean> {
    return isThere(this.#channel.checkQueue(name));
  }

  async messagesIn(queue: string): Promise<number> {
    return (await asked(this.#channel.checkQueue(queue))).messageCount;
  }

  async deleteQueue(name: string): Promise<void> {
    await asked(this.#channel.deleteQueue(name));
  }

  async bindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await asked(this.#channel.bindQueue(queue, exchange, routingKey, headers));
  }

  async bindExchange(
    destination: string,
    source: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await asked(this.#channel.bindExchange(destination, source, routingKey, headers));
  }

  async unbindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await asked(this.#channel.unbindQueue(queue, exchange, routingKey, headers));
  }

  async prefetch(count: number): Promise<void> {
    this.#prefetch = count;
    await asked(this.#channel.prefetch(count));
  }

  async consume(
    queue: string,
    { noAck, exclusive, arguments: args }: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
    onCancel: () => void,
  ): Promise<string> {
    const onMessage = (message: amqp.ConsumeMessage | null) => {
      if (message === null) return onCancel();
      if (!noAck) this.#acks.deliver(message.fields.deliveryTag);
      onDelivery(new AmqpDelivery(message, noAck, this));
    };
    return (await asked(this.#channel.consume(queue, onMessage, { noAck, exclusive, arguments: args })))
      .consumerTag;
  }

  async cancel(consumerTag: string): Promise<void> {
    await asked(this.#channel.cancel(consumerTag));
  }

  /** Closes the channel. Messages that are not settled go back to their queue. */
  async close(): Promise<void> {
    if (this.#open) {
      this.#flush();
      // From here on amqplib sends nothing more, and so nobody else may.
      this.#open = false;
      await asked(this.#channel.close()).catch(() => {});
    }
    await this.ended;
  }

  ack(deliveryTag: number): void {
    this.#acks.complete(deliveryTag);
    this.#flushSoon();
  }

  requeue(deliveryTag: number): void {
    this.#frames.requeue(deliveryTag);
    this.#acks.forget(deliveryTag);
    this.#flushSoon();
  }

  reject(deliveryTag: number): void {
    this.#frames.reject(deliveryTag);
    this.#acks.forget(deliveryTag);
    this.#flushSoon();
  }

  /** With prefetch 1 the broker waits for each settlement, so it is sent at once. Otherwise one turn's go together. */
  #flushSoon(): void {
    if (this.#prefetch === 1) return this.#flush();
    if (this.#flushing) return;
    this.#flushing = true;
    nextTick(this.#flushNow);
  }

  readonly #flushNow = () => {
    this.#flushing = false;
    if (this.#open) this.#flush();
  };

  #flush(): void {
    this.#acks.flush();
    this.#frames.take(this.#outbox.room);
  }
}

async function isThere(asking: Promise<unknown>): Promise<boolean> {
  try {
    await asked(asking);
    return true;
  } catch (error) {
    if (error instanceof BrokerError && error.replyCode === 404) return false;
    throw error;
  }
}
