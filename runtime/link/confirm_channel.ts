import type amqp from "amqplib";
import type { Outgoing, QueueDeclaration } from "../core/ports/amqp.ts";
import {
  MessageTooLarge,
  NoSuchExchange,
  PublishFailed,
  Unroutable,
  Unsendable,
} from "../core/ports/amqp_errors.ts";
import { opened, takeConfirms } from "./amqplib_internals.ts";
import { type ChannelClose, readClose, toBrokerError } from "./broker_error.ts";
import type { Outbox } from "./outbox.ts";
import { sendMessage } from "./send_message.ts";
import { sizeLimitIn } from "./size_limit.ts";
import { TagWindow } from "./tag_window.ts";

type Refusal = Unroutable | NoSuchExchange | PublishFailed | Unsendable;

/** How a publish ended. `unknown`: the channel was lost before the broker answered; `sent`: the message was sent by then. */
export type PublishResult =
  | { readonly kind: "confirmed" }
  | { readonly kind: "refused"; readonly error: Refusal }
  | ({ readonly kind: "unknown"; readonly sent: boolean } & ChannelClose)
  /** The broker accepts no messages now. It may still accept this one later. */
  | { readonly kind: "blocked"; readonly reason: string };

/** A message that is not confirmed yet. */
interface Unconfirmed {
  readonly message: Outgoing;
  returned: boolean;
  readonly resolve: (result: PublishResult) => void;
}

const confirmed: PublishResult = { kind: "confirmed" };

/** A channel in confirm mode. It knows which message the broker returned. */
export class ConfirmChannel {
  readonly #channel: amqp.ConfirmChannel;
  readonly #outbox: Outbox;
  readonly #unconfirmed = new TagWindow<Unconfirmed>();
  #open = true;
  #end: ChannelClose = { by: "link", reason: "the channel was closed" };

  private constructor(channel: amqp.ConfirmChannel, connection: amqp.ChannelModel, outbox: Outbox) {
    this.#channel = channel;
    this.#outbox = outbox;
    const onBlocked = (reason: string) => {
      for (const { message, resolve } of this.#unconfirmed) {
        if (!message.patient) resolve({ kind: "blocked", reason });
      }
    };
    connection.on("blocked", onBlocked);
    channel.on("error", (error) => this.#end = readClose(error));
    channel.on("handler-error", (error) => this.#end = readClose(error));
    channel.on("close", () => {
      this.#open = false;
      connection.off("blocked", onBlocked);
      this.#onConfirm(Infinity, true, false);
    });
    channel.on("return", ({ fields: { exchange, routingKey }, properties: { messageId } }) => {
      for (const sent of this.#unconfirmed) {
        const { message, returned } = sent;
        const isIt = !returned && message.properties.messageId === messageId &&
          message.exchange === exchange && message.routingKey === routingKey;
        if (!isIt) continue;
        sent.returned = true;
        break;
      }
    });
    takeConfirms(channel, (tag, multiple, accepted) => this.#onConfirm(tag, multiple, accepted));
  }

  static async open(connection: amqp.ChannelModel, outbox: Outbox): Promise<ConfirmChannel> {
    return new ConfirmChannel(await opened(connection.createConfirmChannel()), connection, outbox);
  }

  /** Whether it can still publish. */
  get open(): boolean {
    return this.#open;
  }

  /** Declares a queue that Hopper itself needs. */
  async declareQueue(
    { name, durable, exclusive, autoDelete, arguments: args }: QueueDeclaration,
  ): Promise<void> {
    try {
      await this.#channel.assertQueue(name, { durable, exclusive, autoDelete, arguments: args });
    } catch (error) {
      throw toBrokerError(error);
    }
  }

  /** Publishes a message, which must have a message id. Resolves when its outcome is known, or will never be known. */
  publish(message: Outgoing): Promise<PublishResult> {
    if (!this.#open) return Promise.resolve({ kind: "unknown", sent: false, ...this.#end });
    try {
      sendMessage(this.#channel, this.#outbox, message);
    } catch (error) {
      if (error instanceof Unsendable) return Promise.resolve({ kind: "refused", error });
      throw error;
    }
    return new Promise((resolve) => {
      this.#unconfirmed.add({ message, returned: false, resolve });
    });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    // Frames after it would reach a channel that the broker does not know any more.
    this.#open = false;
    await this.#channel.close().catch(() => {});
  }

  #onConfirm(tag: number, multiple: boolean, accepted: boolean): void {
    if (multiple) { for (const one of this.#unconfirmed.takeUpTo(tag)) this.#confirm(one, accepted); }
    else {
      const one = this.#unconfirmed.take(tag);
      if (one) this.#confirm(one, accepted);
    }
  }

  #confirm({ message, returned, resolve }: Unconfirmed, accepted: boolean): void {
    if (returned) resolve({ kind: "refused", error: new Unroutable(message.exchange, message.routingKey) });
    else resolve(accepted ? confirmed : this.#unconfirmedResult(message));
  }

  #unconfirmedResult(message: Outgoing): PublishResult {
    if (this.#open) return { kind: "refused", error: failed(message, "the broker refused it (nack)") };
    const error = refusalIn(this.#end.reason, message);
    return error ? { kind: "refused", error } : { kind: "unknown", sent: true, ...this.#end };
  }
}

/** The message's error, if it is the one over which the broker closed the channel. */
function refusalIn(reason: string, message: Outgoing): Refusal | undefined {
  const exchange = message.exchange || "amq.default";
  if (reason.startsWith(`NOT_FOUND - no exchange '${exchange}' `)) return new NoSuchExchange(exchange);
  const isForbidden = reason.startsWith("ACCESS_REFUSED - ") &&
    reason.includes(` exchange '${exchange}' in vhost `);
  if (isForbidden) return failed(message, reason);
  const { length } = message.body;
  const limit = sizeLimitIn(reason);
  return limit !== undefined && reason.includes(` message size ${length} is larger `)
    ? new MessageTooLarge(message.exchange, message.routingKey, length, limit)
    : undefined;
}

function failed({ exchange, routingKey }: Outgoing, why: string): PublishFailed {
  return new PublishFailed(exchange, routingKey, why);
}
