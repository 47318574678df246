import { Buffer } from "node:buffer";
import { At, PropertyBytes } from "../amqp/property_bytes.ts";
import { describeError } from "../core/api/errors.ts";
import type { Outgoing, Publisher, QueueDeclaration } from "../core/ports/amqp.ts";
import { newMessageId } from "../core/message_id.ts";
import {
  BrokerBlocked,
  ConnectionLost,
  MessageTooLarge,
  PublishFailed,
  Unsendable,
} from "../core/ports/amqp_errors.ts";
import type { ChannelClose } from "./broker_error.ts";
import type { ConfirmChannel } from "./confirm_channel.ts";
import type { AmqpConnection } from "./connection.ts";
import type { Supervisor } from "./supervisor.ts";

/** Limits of a publisher. */
export interface PublisherLimits {
  /** How many messages may be unconfirmed. One more is refused. */
  readonly unconfirmed: number;
  /** How many bytes their bodies may have together. More are refused, except for a single message. */
  readonly bytes: number;
  /** How often a message is sent if its outcome stays unknown. */
  readonly tries: number;
  /** How long a message waits for a connection, in milliseconds. */
  readonly connectMs: number;
}

/** What is unconfirmed. Publishers that share one of these share their limits. */
export interface Held {
  messages: number;
  bytes: number;
}

const defaultLimits: PublisherLimits = {
  unconfirmed: 10_000,
  bytes: 64 * 2 ** 20,
  tries: 5,
  connectMs: 30_000,
};

// If a message's channel or connection ended this many times while it was unconfirmed, it may be the cause. From then on
// it is sent alone. It fails when the broker closes that connection too, or when it is lost `maxEndsAlone` times.
const maxEnds = 2;
const maxEndsAlone = 3;

/** The reply code of a broker that closes connections for its own reasons. */
const connectionForced = 320;

// A channel that was first used while a cluster elects a leader may refuse everything; a new channel works.
const maxRefusalsInARow = 3;

/** Publishes over a supervised connection, on one confirm channel. A lost channel is opened again. */
export class ConfirmedPublisher implements Publisher {
  readonly #link: Supervisor;
  readonly #limits: PublisherLimits;
  #opening: { readonly connection: AmqpConnection; readonly channel: Promise<ConfirmChannel> } | undefined;
  #channel: ConfirmChannel | undefined;
  /** How many messages are not settled yet, and what waits until there are none. */
  #underWay = 0;
  #idle: PromiseWithResolvers<void> | undefined;
  readonly #held: Held;
  #refusals = 0;

  constructor(
    link: Supervisor,
    limits: Partial<PublisherLimits> = {},
    held: Held = { messages: 0, bytes: 0 },
  ) {
    this.#link = link;
    this.#limits = { ...defaultLimits, ...limits };
    this.#held = held;
  }

  async publish(message: Outgoing): Promise<void> {
    this.#refuseTooMuch(message);
    const { length } = message.body;
    this.#held.messages++;
    this.#held.bytes += length;
    this.#underWay++;
    try {
      await this.#publish(withId(withOwnUser(message, this.#link.user)));
    } finally {
      this.#held.messages--;
      this.#held.bytes -= length;
      if (--this.#underWay === 0) this.#idle?.resolve();
    }
  }

  async declareQueue(queue: QueueDeclaration): Promise<void> {
    const connection = await this.#connection("declaring a queue");
    // On a separate channel, because the broker closes the channel when it refuses a declaration.
    const channel = await connection.openChannel();
    try {
      await channel.declareQueue(queue);
    } finally {
      await channel.close();
    }
  }

  /** Waits for the unconfirmed messages, then closes. */
  async close(): Promise<void> {
    if (this.#underWay > 0) await (this.#idle ??= Promise.withResolvers()).promise;
    await this.#channel?.close();
  }

  #refuseTooMuch({ exchange, routingKey, body }: Outgoing): void {
    const { unconfirmed, bytes } = this.#limits;
    const held = this.#held;
    const fits = held.messages === 0 || held.bytes + body.length <= bytes;
    if (held.messages < unconfirmed && fits) return;
    const why = `${held.messages} messages of ${held.bytes} bytes are unconfirmed already; ` +
      "await some of them first";
    throw new PublishFailed(exchange, routingKey, why);
  }

  #refuseTooLarge({ exchange, routingKey, body: { length } }: Outgoing): void {
    const { sizes } = this.#link;
    if (sizes.forbids(length)) throw new MessageTooLarge(exchange, routingKey, length, sizes.known!);
  }

  #noted(error: Error): Error {
    if (error instanceof MessageTooLarge) this.#link.sizes.known = error.limit;
    return error;
  }

  /** A message whose outcome is unknown is sent again with the same id: twice is better than never. */
  async #publish(message: Outgoing): Promise<void> {
    const { exchange, routingKey, body: { length } } = message;
    const isProven = exchange !== "" || this.#link.provenReplies.has(routingKey);
    const mayBeRefused = bearsAnothers(message, this.#link.user) || this.#link.sizes.mayForbid(length);
    if (message.alone || !isProven || mayBeRefused) {
      await this.#publishAlone(message);
      if (!isProven) this.#link.provenReplies.add(routingKey);
      return;
    }
    let last: ChannelClose | undefined;
    for (let tries = 0, ends = 0; tries < this.#limits.tries; tries++) {
      this.#refuseTooLarge(message);
      if (ends === maxEnds) return await this.#publishAlone(message);
      const connection = this.#link.current ?? await this.#connection("publishing");
      if (connection.blocked !== undefined) throw new BrokerBlocked(connection.blocked);
      const channel = this.#channel?.open
        ? this.#channel
        : await this.#openChannel(connection).catch(describeError);
      if (typeof channel === "string") {
        last = { by: "link", reason: channel };
        continue;
      }
      const result = await channel.publish(message);
      if (result.kind === "confirmed") {
        this.#refusals = 0;
        return;
      }
      if (result.kind === "refused") {
        if (result.error instanceof PublishFailed) this.#countRefusal(channel);
        throw this.#noted(result.error);
      }
      if (result.kind === "blocked") throw new BrokerBlocked(result.reason, true);
      last = result;
      this.#link.sizes.learn(result.reason);
      if (result.sent && await isSuspicious(connection)) ends++;
    }
    throw lost(message, last!);
  }

  /** Sends a message on a connection that nothing else uses. */
  async #publishAlone(message: Outgoing): Promise<void> {
    const { exchange, routingKey } = message;
    let last: ChannelClose | undefined;
    for (let tries = 0, ends = 0; tries < this.#limits.tries; tries++) {
      this.#refuseTooLarge(message);
      const { blocked } = await this.#connection("publishing");
      if (blocked !== undefined) throw new BrokerBlocked(blocked);
      const { result, end } = await this.#link.alone.publish(message);
      if (result.kind === "confirmed") return this.#link.sizes.took(message.body.length);
      if (result.kind === "refused") throw this.#noted(result.error);
      if (result.kind === "blocked") throw new BrokerBlocked(result.reason, true);
      last = result;
      if (result.by === "broker") throw new PublishFailed(exchange, routingKey, result.reason);
      if (end === undefined || end.replyCode === connectionForced) continue;
      if (end.replyCode !== undefined || ++ends === maxEndsAlone) {
        const why = `the broker ends every connection that it is sent on: ${end.reason}`;
        throw new Unsendable(exchange, routingKey, why);
      }
    }
    throw lost(message, last!);
  }

  #countRefusal(channel: ConfirmChannel): void {
    if (++this.#refusals < maxRefusalsInARow || this.#channel !== channel) return;
    this.#refusals = 0;
    this.#channel = undefined;
    channel.close();
  }

  /** Opens the channel, once for all messages that wait for it. */
  async #openChannel(connection: AmqpConnection): Promise<ConfirmChannel> {
    if (this.#opening?.connection !== connection) {
      this.#opening = { connection, channel: connection.openConfirmChannel() };
    }
    const opening = this.#opening;
    try {
      return this.#channel = await opening.channel;
    } finally {
      if (this.#opening === opening) this.#opening = undefined;
    }
  }

  async #connection(doing: string): Promise<AmqpConnection> {
    const { connectMs } = this.#limits;
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new ConnectionLost(`${doing}, and did not come back within ${connectMs} ms`)),
      connectMs,
    );
    try {
      return await this.#link.connection(deadline.signal);
    } finally {
      clearTimeout(timer);
    }
  }
}

function lost({ exchange, routingKey }: Outgoing, { reason }: ChannelClose): Error {
  return new ConnectionLost(`publishing to '${exchange || routingKey}' (${reason})`);
}

/** Whether an unconfirmed message may be the cause of the end. */
async function isSuspicious(connection: AmqpConnection): Promise<boolean> {
  return connection.open || (await connection.end).replyCode !== connectionForced;
}

// The broker closes the channel over another user's id, unless this user may impersonate others.
function bearsAnothers({ properties: { userId } }: Outgoing, user: string): boolean {
  return userId !== undefined && userId !== user;
}

/** A message that is passed on keeps the user id only if it is this connection's own user. */
function withOwnUser(message: Outgoing, user: string): Outgoing {
  const { came, passesOn, properties } = message;
  if (came === undefined || !passesOn || properties.userId !== undefined) return message;
  const before = new PropertyBytes(Buffer.from(came.buffer, came.byteOffset, came.byteLength));
  return before.text(At.userId) === user
    ? { ...message, properties: { ...properties, userId: user } }
    : message;
}

function withId(message: Outgoing): Outgoing {
  if (message.properties.messageId !== undefined) return message;
  return { ...message, properties: { ...message.properties, messageId: newMessageId() } };
}
