import type amqp from "amqplib";
import type { Outgoing } from "../core/ports/amqp.ts";
import type { Properties } from "../core/api/message.ts";
import { opened } from "./amqplib_internals.ts";
import { type ChannelClose, readClose, toBrokerError } from "./broker_error.ts";
import { bytesOf } from "./bytes.ts";
import type { Outbox } from "./outbox.ts";
import { receivedIn } from "./properties.ts";
import { sendMessage } from "./send_message.ts";

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
  readonly #outbox: Outbox;
  #open = true;

  private constructor(channel: amqp.Channel, outbox: Outbox, listener: CallListener) {
    this.#channel = channel;
    this.#outbox = outbox;
    let end: ChannelClose = { by: "link", reason: "the channel was closed" };
    channel.on("error", (error) => end = readClose(error));
    channel.on("handler-error", (error) => end = readClose(error));
    channel.on("return", ({ properties }) => listener.onReturn(properties.correlationId));
    channel.on("close", () => {
      this.#open = false;
      listener.onEnd(end);
    });
  }

  static async open(
    connection: amqp.ChannelModel,
    outbox: Outbox,
    listener: CallListener,
  ): Promise<CallChannel> {
    try {
      const channel = await opened(connection.createChannel());
      const calls = new CallChannel(channel, outbox, listener);
      await channel.consume(
        directReplyTo,
        (message) => {
          if (message === null) return void channel.close().catch(() => {});
          const properties = receivedIn(message);
          listener.onReply(properties.correlationId ?? "", { body: bytesOf(message.content), properties });
        },
        { noAck: true },
      );
      return calls;
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
    if (!this.#open) return;
    const properties = { ...message.properties, replyTo: directReplyTo };
    sendMessage(this.#channel, this.#outbox, { ...message, properties });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#channel.close().catch(() => {});
  }
}
