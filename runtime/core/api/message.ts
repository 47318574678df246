import type { Headers } from "../ports/headers.ts";

/** The properties and headers of an AMQP message, received or to be sent. */
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
  /** Seconds since 1970, as in AMQP. */
  timestamp?: number;
  type?: string;
  /** The user that sent it. The broker refuses any but the one its sender logged in as. */
  userId?: string;
  appId?: string;
}

/** The message that a handler runs for. */
export interface Message {
  /** The sender's message id. If it sent none, a new id for each delivery. */
  readonly id: string;
  /** The body as it arrived. */
  readonly body: Uint8Array;
  /**
   * The headers. A value is text, a number (a bigint above 2^53), a boolean, null, bytes (also for text that is not
   * UTF-8), a Date for a timestamp, a list or a plain object. AMQP's decimals, and times that a Date cannot hold, are
   * objects that print as their digits and can be sent on.
   */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The exchange it was published to; `""` is the default exchange. */
  readonly exchange: string;
  /** The routing key it was published with. */
  readonly routingKey: string;
  /** Whether the broker delivered it before. */
  readonly redelivered: boolean;
  /** The sender's correlation id, if it sent one. */
  readonly correlationId: string | undefined;
  /** The queue where the sender wants a reply, if it wants one. */
  readonly replyTo: string | undefined;
  /** When it was sent, if the sender said so. */
  readonly timestamp: Date | undefined;
  /** Media type of the body, if the sender said so. */
  readonly contentType: string | undefined;
  /** How the sender compressed the body, such as `"gzip"`. The handler's input is decompressed; `body` is not. */
  readonly contentEncoding: string | undefined;
  /** The kind of message, if the sender said so. */
  readonly type: string | undefined;
  /** The program that sent it, if the sender said so. */
  readonly appId: string | undefined;
  /** The user that its sender logged in as, if the sender said so. The broker has checked it. */
  readonly userId: string | undefined;
  /** The sender's priority, 0 to 255, if it said so. */
  readonly priority: number | undefined;
  /** How long the sender let it wait in a queue, in milliseconds, if the sender said so. */
  readonly expiration: number | undefined;
  /** 2: in a durable queue it survives a restart of the broker; 1: it does not; `undefined`: the sender did not say. */
  readonly deliveryMode: 1 | 2 | undefined;
}

/** A message without its headers. They are decoded only when the handler reads them. */
export type BareMessage = Omit<Message, "headers">;
