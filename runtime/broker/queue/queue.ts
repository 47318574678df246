import type { Table } from "../../amqp/table.ts";
import type { Memory } from "../memory.ts";
import type { QueueSettings } from "./arguments.ts";
import type { Consumer, Consumers } from "./consumers.ts";
import type { Entry, Message } from "./message.ts";

export type DeathReason = "expired" | "rejected" | "maxlen" | "delivery_limit";

/** Keeps the persistent messages of durable queues; it ignores what it does not have. */
export interface EntryStore {
  insert(queue: Queue, entry: Entry): void;
  remove(queue: Queue, entry: Entry): void;
  /** The entry was handed to a consumer: should it come back after a crash, it is redelivered. */
  delivered(queue: Queue, entry: Entry): void;
}

/** What a queue needs of the broker around it. */
export interface QueueHost {
  readonly memory: Memory;
  readonly store: EntryStore;
  /** Publishes a message that the queue gives up to its dead letter exchange. */
  deadLetter(queue: Queue, message: Message, reason: DeathReason): void;
  /** The queue expired, or its last consumer has left. */
  deleteQueue(queue: Queue): void;
}

/** The connection that an exclusive queue belongs to; a queue only compares it. */
export type Owner = object;

export interface QueueOptions {
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  /** Undefined for a queue that is not exclusive. */
  readonly owner: Owner | undefined;
  readonly args: Table;
  readonly settings: QueueSettings;
}

/** Messages in order, and the consumers that get them as soon as they have room. */
export interface Queue extends QueueOptions {
  readonly kind: "queue";
  readonly consumers: Consumers;
  readonly deleted: boolean;
  /** Messages that wait for a consumer; of a stream, those that it has. */
  readonly length: number;
  priorityOf(entry: Entry): number;
  /** Takes a message. False: the queue is full and refuses it. */
  publish(message: Message): boolean;
  /** Adds an entry that the store kept; the calls come in the order of the sequence numbers. */
  recover(entry: Entry): void;
  /** Takes the first message for basic.get. */
  take(): Entry | undefined;
  /** The entry was acknowledged, or needed no acknowledgement. */
  settle(entry: Entry): void;
  /** The entry was rejected and does not come back. */
  reject(entry: Entry): void;
  /**
   * Entries come back unanswered and go to their old places.
   *
   * @param failed whether this counts as a failed delivery, which a delivery limit looks at
   */
  requeue(entries: readonly Entry[], failed?: boolean): void;
  /** Hands out waiting messages for as long as a consumer has room. */
  pump(): void;
  subscribe(consumer: Consumer): void;
  /** The consumer may have room again. */
  resume(consumer: Consumer): void;
  unsubscribe(consumer: Consumer): void;
  /** Drops all waiting messages and returns how many there were. */
  purge(): number;
  /** Drops all messages, stops the timers, tells the consumers, and returns how many messages waited. */
  delete(): number;
  /** Stops the timers; the queue is not used again. */
  close(): void;
  /** Somebody declared the queue once more: its `x-expires` counts from now. */
  redeclared(): void;
}
