import type amqp from "amqplib";
import type { BrokerVersion } from "../core/ports/broker_version.ts";
import type { Delivery } from "../core/ports/amqp.ts";
import { brokerOf, opened } from "./amqplib_internals.ts";
import { asked } from "./broker_error.ts";
import { AmqpDelivery, type Settler } from "./delivery.ts";

/** A channel to look into a queue. It takes messages one by one; those not acknowledged go back when it is closed. */
export class InspectChannel implements Settler {
  readonly #channel: amqp.Channel;
  readonly broker: BrokerVersion;
  #open = true;

  private constructor(channel: amqp.Channel) {
    this.#channel = channel;
    this.broker = brokerOf(channel);
    channel.on("error", () => {});
    channel.on("handler-error", () => {});
    channel.on("close", () => this.#open = false);
  }

  static async open(connection: amqp.ChannelModel): Promise<InspectChannel> {
    return new InspectChannel(await asked(opened(connection.createChannel())));
  }

  get open(): boolean {
    return this.#open;
  }

  /** How many messages are ready in a queue. Rejects with `BrokerError` 404 if the queue does not exist. */
  async count(queue: string): Promise<number> {
    return (await this.look(queue)).waiting;
  }

  /** How many messages are ready in a queue, and how many consumers it has. Rejects as `count` does. */
  async look(queue: string): Promise<{ readonly waiting: number; readonly consumers: number }> {
    const { messageCount, consumerCount } = await asked(this.#channel.checkQueue(queue));
    return { waiting: messageCount, consumers: consumerCount };
  }

  /** The next message; `undefined` if none is ready. */
  async get(queue: string): Promise<Delivery | undefined> {
    const message = await asked(this.#channel.get(queue, { noAck: false }));
    if (message === false) return undefined;
    return new AmqpDelivery({ ...message, fields: { ...message.fields, consumerTag: "" } }, false, this);
  }

  /** Deletes the ready messages, and returns how many there were. */
  async purge(queue: string): Promise<number> {
    return (await asked(this.#channel.purgeQueue(queue))).messageCount;
  }

  ack(deliveryTag: number): void {
    this.#channel.ack({ fields: { deliveryTag } } as amqp.Message);
  }

  requeue(deliveryTag: number): void {
    this.#channel.nack({ fields: { deliveryTag } } as amqp.Message, false, true);
  }

  reject(deliveryTag: number): void {
    this.#channel.nack({ fields: { deliveryTag } } as amqp.Message, false, false);
  }

  /** Closes the channel. Messages that were not acknowledged are back in their queue. */
  async close(): Promise<void> {
    if (this.#open) await this.#channel.close().catch(() => {});
  }
}
