import type { Duration } from "./duration.ts";
import type { Message } from "./message.ts";

/** Writes log lines that bear the function's name and the message's id. */
export interface Log {
  /** The same as `info`. */
  (message: string, data?: Readonly<Record<string, unknown>>): void;
  /** For finding faults; not shown by default. */
  debug(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** What happened. */
  info(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** What an operator should know. */
  warn(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** What an operator should mend. */
  error(message: string, data?: Readonly<Record<string, unknown>>): void;
}

/** What may be said of a message that is sent. */
export interface SendOptions {
  /**
   * AMQP headers: text, numbers, bigints (64 bits), booleans, null, bytes, Dates (AMQP's timestamp, in whole seconds),
   * lists and plain objects of those. Anything else is an error that names it: `headers.at.x`.
   */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Message id; a new one otherwise. */
  readonly messageId?: string;
  /** Correlation id. */
  readonly correlationId?: string;
  /** Media type of the body; otherwise JSON, `text/plain` for a string, `application/octet-stream` for bytes. */
  readonly contentType?: string;
  /** 0 to 255, for queues with `x-max-priority`. */
  readonly priority?: number;
  /** How long the message may wait in a queue. */
  readonly expiration?: Duration;
  /** Whether the message survives the broker in a durable queue. Default: true. */
  readonly persistent?: boolean;
  /** What kind of message it is. */
  readonly type?: string;
  /** The program that sends it. */
  readonly appId?: string;
  /** The user that is logged in at the broker, which refuses any other. */
  readonly userId?: string;
  /** A queue where an answer is wanted. */
  readonly replyTo?: string;
  /** How bytes are compressed, as `"gzip"`: they go as they are, and a function gets them decompressed. */
  readonly contentEncoding?: string;
  /** Whether it is an error that no queue takes the message, or that there is no such exchange. Default: true. */
  readonly mandatory?: boolean;
}

/** What may be said of a call. */
export interface CallOptions {
  /** How long to wait for the reply. Default: `"30s"`. */
  readonly timeout?: Duration;
  /** AMQP headers, as for `send`. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Media type of the input, as for `send`. */
  readonly contentType?: string;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Sending, for handlers and for clients: each resolves when the broker has taken the message. A body is text, bytes
 * (a buffer, a view of one, a blob, a stream of at most 128 MB) or what JSON holds. What would not arrive as it is, such
 * as a `Map` or an unknown option, rejects with an `ArgumentError` that says what to write instead.
 */
export interface Caller {
  /** Sends to a queue. Rejects with `Unroutable` if there is no such queue. */
  send(queue: string, body: unknown, options?: SendOptions): Promise<void>;
  /**
   * Publishes to an exchange. Rejects with `Unroutable` if no queue takes the message, and with `NoSuchExchange`; neither
   * with `mandatory: false`, nor where the function's `emits` names the exchange.
   */
  publish(exchange: string, routingKey: string, body: unknown, options?: SendOptions): Promise<void>;
  /**
   * Calls an RPC and gives its reply. Rejects with `RpcError` (the other side said so), `NoSuchFunction`,
   * `CallTimeout` or `ConnectionLost`.
   */
  call<Output = unknown>(name: string, input?: unknown, options?: CallOptions): Promise<Output>;
}

/** What a handler is given beside its input. */
export interface Context extends Caller {
  /** The function's name: its path below the functions folder, `billing.charge`. */
  readonly name: string;
  /** The message as it came. */
  readonly message: Message;
  /** 1 for the first run of this message, 2 for the second. */
  readonly attempt: number;
  /** Aborted when the deadline passes or the runtime gives up waiting for this run while it stops. */
  readonly signal: AbortSignal;
  /** Log lines with the function's name and the message's id. */
  readonly log: Log;
  /** Settles the message, with `ack: "manual"`; elsewhere, and a second time, it does nothing. */
  ack(): void;
  /** Gives the message back to the queue, with `ack: "manual"`; with `requeue: false` it is given up, as
   * `deadLetter` says. */
  nack(options?: { requeue?: boolean }): void;
}
