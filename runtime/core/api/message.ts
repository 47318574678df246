import type { Headers } from "../ports/headers.ts";

/** The properties and headers of an AMQP message, as they came or as they shall go. */
export interface Properties {
  contentType?: string;
  contentEncoding?: string;
  headers?: Headers;
  persistent?: boolean;
  priority?: number;
  correlationId?: string;
  replyTo?: string;
  /** Milliseconds until the message expires. */
  expiration?: number;
  messageId?: string;
  /** Seconds since the epoch, as AMQP has it. */
  timestamp?: number;
  type?: string;
  /** Who sent it: the broker lets through the user that its sender logged in as. */
  userId?: string;
  appId?: string;
}

/** The message a handler is run for. */
export interface Message {
  /** The sender's message id; one made on arrival if it sent none, and then another one on each delivery. */
  readonly id: string;
  /** The body as it came. */
  readonly body: Uint8Array;
  /**
   * Header values: text, numbers (a bigint beyond 2^53), booleans, null, bytes (also for text that is no UTF-8), Dates
   * for timestamps, lists and plain objects. AMQP's decimals, and times that no Date holds, are objects that print as
   * their digits and can be sent on.
   */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The exchange it was published to; `""` is the default exchange. */
  readonly exchange: string;
  /** The routing key it was published with. */
  readonly routingKey: string;
  /** Whether the broker has delivered it before. */
  readonly redelivered: boolean;
  /** The sender's correlation id, if it sent one. */
  readonly correlationId: string | undefined;
  /** Where the sender wants a reply, if it does. */
  readonly replyTo: string | undefined;
  /** When it was sent, if the sender said so. */
  readonly timestamp: Date | undefined;
  /** Media type of the body, if the sender said so. */
  readonly contentType: string | undefined;
  /** What the sender did to the body, as `"gzip"`; undone in the handler's input, and not in `body`. */
  readonly contentEncoding: string | undefined;
  /** What kind of message the sender calls it. */
  readonly type: string | undefined;
  /** The program that sent it, if it said so. */
  readonly appId: string | undefined;
  /** The user that its sender logged in as, if it said so; the broker has checked that. */
  readonly userId: string | undefined;
  /** The sender's priority, 0 to 255, if it said so. */
  readonly priority: number | undefined;
  /** Milliseconds that the sender let it wait in a queue, if it said so. */
  readonly expiration: number | undefined;
  /** 2 for a message that survives the broker in a durable queue, 1 for one that does not, if the sender said so. */
  readonly deliveryMode: 1 | 2 | undefined;
}

/** A message without its headers, which are read when its handler asks for them. */
export type BareMessage = Omit<Message, "headers">;
