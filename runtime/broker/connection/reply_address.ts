import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { AmqpError } from "../errors.ts";
import { type Content, writeDeliver } from "../protocol/content.ts";
import type { Message } from "../queue/message.ts";
import type { ReplyConsumer } from "../vhost/vhost.ts";
import { contentWithin, headerTooLong } from "./content_of.ts";
import type { ChannelHost } from "./channel_host.ts";
import type { UnackedSet } from "./unacked.ts";

/** The queue name that stands for the direct replies of a channel. */
export const replyQueue = "amq.rabbitmq.reply-to";
/** What all reply addresses begin with. */
export const replyPrefix = `${replyQueue}.`;

/** The first part of an address. RabbitMQ names one of its processes there; clients only pass it on. */
const broker = Buffer.from("hopper@localhost").toString("base64");

/** Whether it has the form of an address that the broker gives out; nobody may consume from it any more. */
export function isReplyAddress(key: string): boolean {
  return key.startsWith(`${replyPrefix}${broker}.`);
}

/** What direct replies need of their channel. */
interface ReplyChannel {
  readonly id: number;
  readonly connection: ChannelHost;
  readonly unacked: UnackedSet;
  failSoon(error: AmqpError): void;
}

/** Direct reply-to: an address for replies without a queue, valid for as long as its channel consumes from it. */
export class ReplyAddress implements ReplyConsumer {
  #tag: string | undefined;
  #key = "";

  constructor(readonly channel: ReplyChannel) {}

  /** The tag of its consumer; undefined where there is none. */
  get tag(): string | undefined {
    return this.#tag;
  }

  /** What the broker writes into a request in place of `amq.rabbitmq.reply-to`. Throws 406 where nobody consumes. */
  get key(): string {
    if (this.#tag === undefined) {
      throw new AmqpError("precondition_failed", "fast reply consumer does not exist");
    }
    return this.#key;
  }

  consume(tag: string): void {
    if (this.#tag !== undefined) throw new AmqpError("precondition_failed", "reply consumer already set");
    this.#tag = tag;
    this.#key = `${replyPrefix}${broker}.${randomBytes(16).toString("base64")}`;
    this.channel.connection.vhost.openReplies(this.#key, this);
  }

  close(): void {
    this.channel.connection.vhost.closeReplies(this.#key);
    this.#tag = undefined;
  }

  /** Delivers a reply. It is lost where the client has too much unread already, as an address keeps nothing. */
  reply(message: Message): void {
    const { connection, id, unacked } = this.channel;
    if (this.#tag === undefined || !connection.hasRoom()) return;
    const content = contentWithin(connection.session.frameMax, message as Content);
    if (!content) {
      return this.channel.failSoon(headerTooLong(message as Content, connection.session.frameMax));
    }
    const tag = Buffer.from(String.fromCharCode(this.#tag.length) + this.#tag, "latin1");
    writeDeliver(
      connection.out,
      id,
      tag,
      connection.vhost.profile.replies.useTags ? unacked.nextTag() : unacked.comingTag(),
      false,
      message.origin.envelope,
      content,
      connection.session.frameMax,
    );
  }
}
