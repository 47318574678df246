import type amqp from "amqplib";
import type { Outgoing, QueueDeclaration } from "../core/ports/amqp.ts";
import {
  MessageTooLarge,
  NoSuchExchange,
  PublishFailed,
  Unroutable,
  Unsendable,
} from "../core/ports/amqp_errors.ts";
import { frameMaxOf, numberOf, sendConfirmed } from "./amqplib_internals.ts";
import { type ChannelClose, readClose, readError, toBrokerError } from "./broker_error.ts";
import { publishFrames } from "./content_frames.ts";
import { sizeLimitIn } from "./size_limit.ts";

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
  returned: boolean;
  /** Called when the broker blocks. */
  readonly onBlocked: ((reason: string) => void) | undefined;
}

/** A channel in confirm mode. It knows which message the broker returned. */
export class ConfirmChannel {
  readonly #channel: amqp.ConfirmChannel;
  /** The unconfirmed messages, by the parts that a return contains. */
  readonly #unconfirmed = new Map<string, Unconfirmed[]>();
  #open = true;
  #end: ChannelClose = { by: "link", reason: "the channel was closed" };

  private constructor(channel: amqp.ConfirmChannel, connection: amqp.ChannelModel) {
    this.#channel = channel;
    const onBlocked = (reason: string) => {
      for (const sent of this.#unconfirmed.values()) for (const message of sent) message.onBlocked?.(reason);
    };
    connection.on("blocked", onBlocked);
    channel.on("error", (error) => this.#end = readClose(error));
    channel.on("handler-error", (error) => this.#end = readClose(error));
    // Before amqplib's own listener, which fails the unconfirmed messages: they need to know the reason.
    channel.prependListener("close", () => {
      this.#open = false;
      connection.off("blocked", onBlocked);
    });
    channel.on("return", ({ fields, properties }) => {
      const sent = this.#unconfirmed.get(keyOf(fields.exchange, fields.routingKey, properties.messageId));
      const first = sent?.find((message) => !message.returned);
      if (first) first.returned = true;
    });
  }

  static async open(connection: amqp.ChannelModel): Promise<ConfirmChannel> {
    return new ConfirmChannel(await connection.createConfirmChannel(), connection);
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
    const { exchange, routingKey, properties, patient = false } = message;
    let frames: Uint8Array;
    try {
      frames = publishFrames(numberOf(this.#channel), frameMaxOf(this.#channel), message);
    } catch (error) {
      const unsendable = new Unsendable(exchange, routingKey, readError(error).reason, { cause: error });
      return Promise.resolve({ kind: "refused", error: unsendable });
    }
    const key = keyOf(exchange, routingKey, properties.messageId);
    const { promise, resolve } = Promise.withResolvers<PublishResult>();
    const onBlocked = patient ? undefined : (reason: string) => resolve({ kind: "blocked", reason });
    const state: Unconfirmed = { returned: false, onBlocked };
    sendConfirmed(this.#channel, frames, (error) => {
      this.#forget(key, state);
      if (state.returned) resolve({ kind: "refused", error: new Unroutable(exchange, routingKey) });
      else if (error === null) resolve({ kind: "confirmed" });
      else resolve(this.#unconfirmedResult(message));
    });
    const same = this.#unconfirmed.get(key);
    if (same) same.push(state);
    else this.#unconfirmed.set(key, [state]);
    return promise;
  }

  async close(): Promise<void> {
    if (this.#open) await this.#channel.close().catch(() => {});
  }

  #unconfirmedResult(message: Outgoing): PublishResult {
    if (this.#open) return { kind: "refused", error: failed(message, "the broker refused it (nack)") };
    const error = refusalIn(this.#end.reason, message);
    return error ? { kind: "refused", error } : { kind: "unknown", sent: true, ...this.#end };
  }

  #forget(key: string, state: Unconfirmed): void {
    const same = this.#unconfirmed.get(key);
    if (same === undefined) return;
    if (same.length === 1) this.#unconfirmed.delete(key);
    else same.splice(same.indexOf(state), 1);
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

function keyOf(exchange: string, routingKey: string, messageId: string | undefined): string {
  return `${messageId}\n${exchange}\n${routingKey}`;
}

function failed({ exchange, routingKey }: Outgoing, why: string): PublishFailed {
  return new PublishFailed(exchange, routingKey, why);
}
