import { channelClose, channelOpenOk } from "../protocol/replies.ts";
import type { AmqpError } from "../errors.ts";
import type { Waiter } from "../store/store.ts";
import { basicAck, basicNack } from "../protocol/replies.ts";
import type { ChannelConsumer } from "./channel_consumer.ts";
import { Confirms } from "./confirms.ts";
import type { Connection } from "./connection.ts";
import { Publisher } from "./publisher.ts";
import { ReplyAddress } from "./reply_address.ts";
import { Transaction } from "./transaction.ts";
import { UnackedSet } from "./unacked.ts";
import { Waiting } from "./waiting.ts";

/** One channel: its consumers, its unanswered deliveries, its publisher, and the mode it is in. */
export class Channel implements Waiter {
  readonly consumers = new Map<string, ChannelConsumer>();
  readonly unacked = new UnackedSet();
  /** Consumers for which the channel's limit left no room. */
  readonly waiting = new Waiting();
  readonly publisher: Publisher;
  readonly replies: ReplyAddress;
  /** Unanswered messages all consumers together may have; 0 for any number. */
  prefetch = 0;
  /** Unanswered messages each later consumer may have. */
  consumerPrefetch = 0;
  /** Unanswered messages the consumers have now. */
  delivered = 0;
  /** The queue declared last, which an empty queue name stands for. */
  lastQueue = "";
  confirms: Confirms | undefined;
  transaction: Transaction | undefined;
  /** The server has closed it and waits for CloseOk; everything else is ignored. */
  closing = false;

  constructor(readonly connection: Connection, readonly id: number) {
    this.publisher = new Publisher(this);
    this.replies = new ReplyAddress(this);
  }

  get mode(): "plain" | "confirm" | "tx" {
    return this.confirms ? "confirm" : this.transaction ? "tx" : "plain";
  }

  open(): void {
    channelOpenOk(this.connection.out, this.id);
  }

  startConfirms(): void {
    this.confirms ??= new Confirms();
  }

  startTransactions(): void {
    this.transaction ??= new Transaction(this);
  }

  /** Whether the limit over all consumers leaves room for a delivery. */
  readonly hasRoom = (): boolean => this.prefetch === 0 || this.delivered < this.prefetch;

  /** There may be room again, as the limit is another or one of its messages was answered. */
  serve(): void {
    this.waiting.serve(this.hasRoom);
  }

  committed(): void {
    if (!this.confirms) return;
    this.confirms.committed();
    this.connection.confirm(this);
  }

  /** Tells the publisher that a message was not taken. */
  refuse(sequence: number): void {
    this.confirms?.settled(sequence);
    basicNack(this.connection.out, this.id, sequence);
  }

  /** Confirms by itself, behind those before it, a message that is in no queue. */
  confirmUnroutable(sequence: number): void {
    this.flushConfirms(sequence - 1);
    this.confirms?.settled(sequence);
    basicAck(this.connection.out, this.id, sequence, false);
  }

  /** Confirms what can be, up to and with `last`. */
  flushConfirms(last?: number): void {
    this.confirms?.flush(
      (sequence, multiple) => basicAck(this.connection.out, this.id, sequence, multiple),
      last,
    );
  }

  /** Closes the channel for an error of the client's. */
  fail(error: AmqpError, method: number): void {
    this.flushConfirms();
    this.end();
    this.closing = true;
    channelClose(this.connection.out, this.id, error, method);
  }

  /** The same once what is being done is done, such as serving a queue's consumers. */
  failSoon(error: AmqpError): void {
    queueMicrotask(() => {
      if (this.closing || this.connection.channels.get(this.id) !== this) return;
      this.fail(error, 0);
    });
  }

  /** Its consumers receive nothing any more. */
  leave(): void {
    for (const consumer of this.consumers.values()) consumer.leave();
  }

  /** Takes its consumers away and gives unanswered messages back to their queues, in order. */
  end(): void {
    this.leave();
    this.publisher.abandon();
    this.replies.close();
    const consumers = [...this.consumers.values()];
    this.consumers.clear();
    this.transaction?.rollback();
    this.confirms = undefined;
    this.transaction = undefined;
    const byQueue = Map.groupBy(this.unacked.takeAll(), ([, { queue }]) => queue);
    for (const [queue, taken] of byQueue) queue.requeue(taken.map(([, { entry }]) => entry));
    for (const consumer of consumers) consumer.queue.unsubscribe(consumer);
  }
}
