import type amqp from "amqplib";
import type { Outgoing } from "../core/ports/amqp.ts";
import { Unsendable } from "../core/ports/amqp_errors.ts";
import type { Properties } from "../core/api/message.ts";
import { frameMaxOf, numberOf, sendContent } from "./amqplib_internals.ts";
import { type ChannelClose, readClose, readError, toBrokerError } from "./broker_error.ts";
import { bytesOf } from "./bytes.ts";
import { publishFrames } from "./content_frames.ts";
import { receivedIn } from "./properties.ts";

/** A reply to a call. */
export interface Reply {
  readonly body: Uint8Array;
  readonly properties: Readonly<Properties>;
}

/** Receives what comes back for requests. The correlation id says for which one. */
export interface CallListener {
  onReply(correlationId: string, reply: Reply): void;
  /** No queue took the request. */
  onReturn(correlationId: string): void;
  /** The channel is closed, and no more replies come. If the broker closed it over a request, `end` says why. */
  onEnd(end: ChannelClose): void;
}

const directReplyTo = "amq.rabbitmq.reply-to";

/** A channel that sends requests and receives their replies through RabbitMQ's direct reply-to. */
export class CallChannel {
  readonly #channel: amqp.Channel;
  #open = true;

  private constructor(channel: amqp.Channel, listener: CallListener) {
    this.#channel = channel;
    let end: ChannelClose = { by: "link", reason: "the channel was closed" };
    channel.on("error", (error) => end = readClose(error));
    channel.on("handler-error", (error) => end = readClose(error));
    channel.on("return", ({ properties }) => listener.onReturn(properties.correlationId));
    channel.on("close", () => {
      this.#open = false;
      listener.onEnd(end);
    });
  }

  static async open(connection: amqp.ChannelModel, listener: CallListener): Promise<CallChannel> {
    try {
      const channel = await connection.createChannel();
      const opened = new CallChannel(channel, listener);
      await channel.consume(
        directReplyTo,
        (message) => {
          if (message === null) return void channel.close().catch(() => {});
          const properties = receivedIn(message);
          listener.onReply(properties.correlationId ?? "", { body: bytesOf(message.content), properties });
        },
        { noAck: true },
      );
      return opened;
    } catch (error) {
      throw toBrokerError(error);
    }
  }

  /** Whether it can still send. */
  get open(): boolean {
    return this.#open;
  }

  /** Sends a request. The listener gets its result. Throws `Unsendable`. */
  request(message: Outgoing): void {
    const { exchange, routingKey, properties } = message;
    const request = { ...message, properties: { ...properties, replyTo: directReplyTo } };
    let frames: Uint8Array;
    try {
      frames = publishFrames(numberOf(this.#channel), frameMaxOf(this.#channel), request);
    } catch (error) {
      throw new Unsendable(exchange, routingKey, readError(error).reason, { cause: error });
    }
    if (this.#open) sendContent(this.#channel, frames);
  }

  async close(): Promise<void> {
    if (this.#open) await this.#channel.close().catch(() => {});
  }
}
