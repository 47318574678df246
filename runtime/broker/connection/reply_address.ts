import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { AmqpError } from "../errors.ts";
import { type Content, writeDeliver } from "../protocol/content.ts";
import type { Message } from "../queue/message.ts";
import type { ReplyConsumer } from "../vhost/vhost.ts";
import { contentWithin, headerTooLong } from "./content_of.ts";
import type { Channel } from "./channel.ts";

export const REPLY_QUEUE = "amq.rabbitmq.reply-to";
export const REPLY_PREFIX = `${REPLY_QUEUE}.`;

/** The first part of an address, where RabbitMQ names one of its processes; clients only pass it on. */
const BROKER = Buffer.from("hopper@localhost").toString("base64");

/** Direct reply-to: an address for replies that is no queue, valid as long as its channel consumes it. */
export class ReplyAddress implements ReplyConsumer {
  #tag: string | undefined;
  #key = "";

  constructor(readonly channel: Channel) {}

  get tag(): string | undefined {
    return this.#tag;
  }

  /** What `amq.rabbitmq.reply-to` in a request becomes. */
  get key(): string {
    if (this.#tag === undefined) {
      throw new AmqpError("precondition_failed", "fast reply consumer does not exist");
    }
    return this.#key;
  }

  consume(tag: string): void {
    if (this.#tag !== undefined) throw new AmqpError("precondition_failed", "reply consumer already set");
    this.#tag = tag;
    this.#key = `${REPLY_PREFIX}${BROKER}.${randomBytes(16).toString("base64")}`;
    this.channel.connection.vhost.openReplies(this.#key, this);
  }

  close(): void {
    this.channel.connection.vhost.closeReplies(this.#key);
    this.#tag = undefined;
  }

  /** A client that reads none of its replies loses those beyond the limit: an address keeps nothing. */
  reply(message: Message): void {
    const { connection, id, unacked } = this.channel;
    if (this.#tag === undefined || !connection.hasRoom()) return;
    const content = contentWithin(connection.frameMax, message as Content);
    if (!content) return this.channel.failSoon(headerTooLong(message as Content, connection.frameMax));
    const tag = Buffer.from(String.fromCharCode(this.#tag.length) + this.#tag, "latin1");
    writeDeliver(
      connection.out,
      id,
      tag,
      unacked.comingTag(),
      false,
      message.origin.envelope,
      content,
      connection.frameMax,
    );
  }
}
