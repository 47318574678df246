import { Buffer } from "node:buffer";
import { writeDeliver } from "../protocol/content.ts";
import { basicCancel } from "../protocol/replies.ts";
import type { Consumer } from "../queue/consumers.ts";
import type { Entry } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import { contentOf, contentWithin, headerTooLong } from "./content_of.ts";
import type { Channel } from "./channel.ts";

export interface ConsumerOptions {
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly priority: number;
  /** Unanswered messages this consumer may have; 0 for any number. */
  readonly prefetch: number;
}

/** A basic.consume: turns queue entries into deliveries for as long as the limits leave room. */
export class ChannelConsumer implements Consumer {
  readonly tag: string;
  readonly priority: number;
  readonly exclusive: boolean;
  readonly noAck: boolean;
  readonly #prefetch: number;
  readonly #tagBytes: Uint8Array;
  unacked = 0;

  constructor(readonly channel: Channel, readonly queue: Queue, options: ConsumerOptions) {
    this.tag = options.tag;
    this.priority = options.priority;
    this.exclusive = options.exclusive;
    this.noAck = options.noAck;
    this.#prefetch = options.prefetch;
    this.#tagBytes = Buffer.from(String.fromCharCode(this.tag.length) + this.tag, "latin1");
  }

  ready(): boolean {
    const { channel } = this;
    return channel.connection.hasRoom() && channel.hasRoom() && !this.#isFull();
  }

  passedOver(): void {
    const { channel } = this;
    // Room of its own comes with its own answers, and then it is resumed.
    if (this.#isFull()) return;
    if (channel.hasRoom()) channel.connection.waiting.add(this);
    else channel.waiting.add(this);
  }

  #isFull(): boolean {
    return this.#prefetch !== 0 && this.unacked >= this.#prefetch;
  }

  deliver(entry: Entry): void {
    const { channel, queue } = this;
    const { connection, unacked } = channel;
    const { frameMax } = connection;
    const tag = unacked.nextTag();
    const all = contentOf(queue, entry, connection.vhost);
    const content = contentWithin(frameMax, all);
    if (!content) {
      // The message goes back with all others that the channel has not answered.
      unacked.add(tag, { entry, queue, consumer: this });
      this.unacked++;
      channel.delivered++;
      return channel.failSoon(headerTooLong(all, frameMax));
    }
    writeDeliver(
      connection.out,
      channel.id,
      this.#tagBytes,
      tag,
      entry.redelivered,
      entry.message.origin.envelope,
      content,
      frameMax,
    );
    if (this.noAck) return queue.settle(entry);
    unacked.add(tag, { entry, queue, consumer: this });
    this.unacked++;
    channel.delivered++;
  }

  /** One of its messages was answered. */
  answered(): void {
    this.unacked--;
    this.channel.delivered--;
  }

  /** There may be room again. */
  resume(): void {
    if (!this.queue.deleted && this.queue.consumers.resume(this)) this.queue.pump();
  }

  /** It receives nothing any more. */
  leave(): void {
    this.channel.waiting.remove(this);
    this.channel.connection.waiting.remove(this);
    this.queue.consumers.remove(this);
  }

  cancelled(): void {
    const { channel } = this;
    this.leave();
    channel.consumers.delete(this.tag);
    if (!channel.connection.capabilities.has("consumer_cancel_notify")) return;
    basicCancel(channel.connection.out, channel.id, this.tag);
  }
}
