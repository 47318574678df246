import { basicAck, basicNack, channelClose, channelOpenOk } from "../protocol/replies.ts";
import { AmqpError, notOnStreams } from "../errors.ts";
import type { ChannelHost } from "./channel_host.ts";
import { ChannelLimit } from "./channel_limit.ts";
import type { ChannelMode } from "./channel_mode.ts";
import { Confirms, type ConfirmWriter } from "./confirms.ts";
import { Publisher } from "./publisher.ts";
import { ReplyAddress } from "./reply_address.ts";
import { acknowledge, type Answer, giveBack, settle, streamIn } from "./settle.ts";
import { Transaction } from "./transaction.ts";
import { type Unacked, UnackedSet } from "./unacked.ts";
import type { QueueConsumer } from "./waiting.ts";

/** A basic.consume of the channel. */
export interface Subscription extends QueueConsumer {
  /** It gets no further message, from its queue or from where it waits. */
  leave(): void;
}

const plain: ChannelMode = { kind: "plain" };

/** One channel: its consumers, its unanswered deliveries, its publisher, and its mode. */
export class Channel {
  readonly unacked = new UnackedSet();
  readonly limit = new ChannelLimit();
  readonly publisher: Publisher;
  readonly replies: ReplyAddress;
  readonly #consumers = new Map<string, Subscription>();
  #consumerPrefetch = 0;
  #lastQueue = "";
  #mode = plain;
  #isEnded = false;
  #isClosing = false;

  constructor(readonly connection: ChannelHost, readonly id: number) {
    this.replies = new ReplyAddress(this);
    this.publisher = new Publisher(this);
  }

  /** By their tags. */
  get consumers(): ReadonlyMap<string, Subscription> {
    return this.#consumers;
  }

  /** Unanswered messages that each later consumer may have; 0 for any number. */
  get consumerPrefetch(): number {
    return this.#consumerPrefetch;
  }

  /** The queue that was declared last, which an empty queue name stands for. */
  get lastQueue(): string {
    return this.#lastQueue;
  }

  get mode(): ChannelMode {
    return this.#mode;
  }

  /** Whether the broker has closed it and waits for CloseOk; everything else is ignored. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  open(): void {
    channelOpenOk(this.connection.out, this.id);
  }

  declared(queue: string): void {
    this.#lastQueue = queue;
  }

  startConfirms(): void {
    if (this.#mode === plain) this.#mode = { kind: "confirm", confirms: new Confirms(this.#confirmWriter()) };
  }

  startTransactions(): void {
    if (this.#mode !== plain) return;
    const transaction = new Transaction(this.connection.vhost, this.unacked, this.limit);
    this.#mode = { kind: "tx", transaction };
  }

  /** Limits the channel as a whole, or each later consumer; the latter lifts the limit of the channel. */
  setPrefetch(count: number, forChannel: boolean): void {
    if (!forChannel) this.#consumerPrefetch = count;
    this.limit.set(forChannel ? count : 0);
  }

  subscribe(consumer: Subscription): void {
    this.#consumers.set(consumer.tag, consumer);
    consumer.queue.subscribe(consumer);
  }

  /** Ends a consumer. Its unanswered messages can still be answered. No error where there is none by this tag. */
  unsubscribe(tag: string): void {
    const consumer = this.#consumers.get(tag);
    if (!consumer) return;
    this.#consumers.delete(tag);
    consumer.leave();
    consumer.queue.unsubscribe(consumer);
  }

  /** The consumer's queue is gone. */
  forget(tag: string): void {
    this.#consumers.delete(tag);
  }

  /** Answers one delivery, or with `multiple` all up to it. Throws 406 for a tag that is not outstanding. */
  answer(tag: number, multiple: boolean, how: Answer): void {
    if (!multiple && how === "ack" && this.#mode.kind !== "tx") {
      return acknowledge(this.unacked.take(tag), this.limit);
    }
    const taken: [number, Unacked][] = multiple
      ? this.unacked.takeUpTo(tag)
      : [[tag, this.unacked.take(tag)]];
    const stream = how === "ack" ? undefined : streamIn(taken);
    if (stream && this.connection.vhost.profile.streams.onlyAck) {
      throw notOnStreams("basic.nack and basic.reject", stream);
    }
    if (this.#mode.kind === "tx") this.#mode.transaction.answer(taken, how);
    else settle(taken, how, this.limit);
  }

  /** Answers all deliveries, as basic.recover does. */
  answerAll(how: Answer): void {
    const taken = this.unacked.takeAll();
    if (streamIn(taken) && this.connection.vhost.profile.streams.onlyAck) {
      // As RabbitMQ does, which did not think of it.
      throw new AmqpError("internal_error", "");
    }
    settle(taken, how, this.limit);
  }

  /** Sends the confirms that are due and ends the channel. */
  close(): void {
    if (this.#mode.kind === "confirm") this.#mode.confirms.flush();
    this.end();
  }

  /** Closes the channel because of an error of the client's. */
  fail(error: AmqpError, method: number): void {
    this.close();
    this.#isClosing = true;
    channelClose(this.connection.out, this.id, error, method);
  }

  /** The same, but after the work at hand, such as serving a queue's consumers. */
  failSoon(error: AmqpError): void {
    queueMicrotask(() => {
      if (!this.#isEnded) this.fail(error, 0);
    });
  }

  /** Its consumers get no further message. */
  leave(): void {
    for (const consumer of this.#consumers.values()) consumer.leave();
  }

  /** Ends its consumers and gives unanswered messages back to their queues, in order. */
  end(): void {
    this.#isEnded = true;
    this.leave();
    this.publisher.abandon();
    this.replies.close();
    const consumers = [...this.#consumers.values()];
    this.#consumers.clear();
    if (this.#mode.kind === "confirm") this.#mode.confirms.end();
    if (this.#mode.kind === "tx") this.#mode.transaction.rollback();
    this.#mode = plain;
    giveBack(this.unacked.takeAll(), true);
    for (const consumer of consumers) consumer.queue.unsubscribe(consumer);
  }

  #confirmWriter(): ConfirmWriter {
    const { connection, id } = this;
    return {
      ack: (sequence, multiple) => basicAck(connection.out, id, sequence, multiple),
      nack: (sequence) => basicNack(connection.out, id, sequence),
      soon: (confirms) => connection.confirmSoon(confirms),
    };
  }
}
