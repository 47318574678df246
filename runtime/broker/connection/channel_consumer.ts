import { Buffer } from "node:buffer";
import { writeDeliver } from "../protocol/content.ts";
import { basicCancel } from "../protocol/replies.ts";
import type { Entry } from "../queue/message.ts";
import type { Queue } from "../queue/queue.ts";
import type { StreamStart } from "../queue/stream_start.ts";
import { contentOf, contentWithin, headerTooLong } from "./content_of.ts";
import type { Channel, Subscription } from "./channel.ts";
import type { Receiver } from "./unacked.ts";

export interface ConsumerOptions {
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly priority: number;
  /** Where in a stream it begins. */
  readonly from?: StreamStart;
  /** Unanswered messages that this consumer may have; 0 for any number. */
  readonly prefetch: number;
}

/** Turns the entries of a queue into deliveries for as long as the limits leave room. */
export class ChannelConsumer implements Subscription, Receiver {
  readonly tag: string;
  readonly priority: number;
  readonly exclusive: boolean;
  readonly noAck: boolean;
  readonly from: StreamStart | undefined;
  readonly #prefetch: number;
  readonly #tagBytes: Uint8Array;
  #unanswered = 0;

  constructor(readonly channel: Channel, readonly queue: Queue, options: ConsumerOptions) {
    this.tag = options.tag;
    this.priority = options.priority;
    this.exclusive = options.exclusive;
    this.noAck = options.noAck;
    this.from = options.from;
    this.#prefetch = options.prefetch;
    this.#tagBytes = Buffer.from(String.fromCharCode(this.tag.length) + this.tag, "latin1");
  }

  ready(): boolean {
    const { channel } = this;
    return channel.connection.hasRoom() && channel.limit.hasRoom() && !this.#isFull();
  }

  passedOver(): void {
    const { channel } = this;
    // Its own room comes back with an answer to one of its messages, which resumes it.
    if (this.#isFull()) return;
    if (channel.limit.hasRoom()) channel.connection.waiting.add(this);
    else channel.limit.waiting.add(this);
  }

  #isFull(): boolean {
    return this.#prefetch !== 0 && this.#unanswered >= this.#prefetch;
  }

  deliver(entry: Entry): void {
    const { channel, queue } = this;
    const { connection, unacked } = channel;
    const { frameMax } = connection.session;
    const tag = unacked.nextTag();
    const all = contentOf(queue, entry, connection.vhost);
    const content = contentWithin(frameMax, all);
    if (!content) {
      // The message goes back to its queue with all others that the channel has not answered.
      this.#keep(tag, entry);
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
    this.#keep(tag, entry);
  }

  #keep(tag: number, entry: Entry): void {
    const { channel, queue } = this;
    channel.unacked.add(tag, { entry, queue, consumer: this });
    channel.limit.delivered();
    this.#unanswered++;
  }

  answered(): void {
    this.#unanswered--;
    this.channel.limit.answered();
  }

  resume(): void {
    this.queue.resume(this);
  }

  leave(): void {
    this.channel.limit.waiting.remove(this);
    this.channel.connection.waiting.remove(this);
    this.queue.consumers.remove(this);
  }

  cancelled(): void {
    const { channel } = this;
    this.leave();
    channel.forget(this.tag);
    if (!channel.connection.session.capabilities.has("consumer_cancel_notify")) return;
    basicCancel(channel.connection.out, channel.id, this.tag);
  }
}
