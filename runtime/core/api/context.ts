import type { DelayOptions } from "./delay_options.ts";
import type { Duration } from "./duration.ts";
import type { Message } from "./message.ts";

/** Writes log lines, each with the function's name and the message's id. `data` is shown beside the message. */
export interface Log {
  /** The same as `info`. */
  (message: string, data?: Readonly<Record<string, unknown>>): void;
  /** Details for finding a fault; shown only with `--log-level debug`. */
  debug(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** What happened. */
  info(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** Something the operator should know. */
  warn(message: string, data?: Readonly<Record<string, unknown>>): void;
  /** Something the operator should fix. */
  error(message: string, data?: Readonly<Record<string, unknown>>): void;
}

/** Options of `send` and `publish`. */
export interface SendOptions extends DelayOptions {
  /**
   * AMQP headers: text, numbers, bigints (64 bits), booleans, null, bytes, Dates (AMQP's timestamp, in whole seconds),
   * lists and plain objects of those. Anything else is an error that says where it is: `headers.at.x`.
   */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Message id. @default a new id */
  readonly messageId?: string;
  /** Correlation id. */
  readonly correlationId?: string;
  /** Media type of the body. @default `application/json`; `text/plain` for text; `application/octet-stream` for bytes */
  readonly contentType?: string;
  /** 0 to 255, for queues with `x-max-priority`. */
  readonly priority?: number;
  /** How long the message may wait in a queue, in milliseconds or as `"30s"`. @default for ever */
  readonly expiration?: Duration;
  /** Whether the message, in a durable queue, survives a restart of the broker. @default true */
  readonly persistent?: boolean;
  /** The kind of message, in your own words. */
  readonly type?: string;
  /** The program that sends it. */
  readonly appId?: string;
  /** The user this connection logged in as. The broker refuses any other. */
  readonly userId?: string;
  /** The queue that an answer should go to. */
  readonly replyTo?: string;
  /** How the body's bytes are compressed, such as `"gzip"`. They are sent unchanged; a function gets them decompressed. */
  readonly contentEncoding?: string;
  /** Whether it is an error if no queue takes the message, or if the exchange does not exist. @default true */
  readonly mandatory?: boolean;
}

/** Options of `call`. */
export interface CallOptions {
  /** How long to wait for the reply, in milliseconds or as `"5s"`. @default "30s" */
  readonly timeout?: Duration;
  /** AMQP headers, as for `send`. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Media type of the input, as for `send`. */
  readonly contentType?: string;
  /** When it aborts, the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * How handlers and clients send messages. A promise resolves when the broker has confirmed the message.
 *
 * A body is text, bytes (a buffer, a view of one, a `Blob`, or a stream of at most 128 MB) or any value that JSON can
 * hold. A value that would arrive changed, such as a `Map`, and an unknown option reject with an `ArgumentError` that
 * says what to write instead.
 */
export interface Caller {
  /** Sends a delayed message to a queue, and returns the id with which it can be cancelled. */
  send(queue: string, body: unknown, options: SendOptions & { readonly cancel: true }): Promise<string>;
  /** Sends a message to a queue. Rejects with `Unroutable` if the queue does not exist. */
  send(queue: string, body: unknown, options?: SendOptions): Promise<void>;
  /**
   * Publishes a message to an exchange. Rejects with `Unroutable` if no queue takes it, and with `NoSuchExchange` if
   * there is no such exchange. With `mandatory: false`, or if the function's `emits` names the exchange, neither is an
   * error.
   */
  publish(exchange: string, routingKey: string, body: unknown, options?: SendOptions): Promise<void>;
  /**
   * Calls an RPC and returns its reply, decoded. Rejects with `RpcError` if the function replied with an error, with
   * `NoSuchFunction` if nobody serves it, with `CallTimeout`, or with `ConnectionLost`.
   */
  call<Output = unknown>(name: string, input?: unknown, options?: CallOptions): Promise<Output>;
  /**
   * Cancels a delayed message, by the id that `send` returned for `cancel: true`. Anybody who has the id may do so, also
   * after restarts. Returns whether the message was still waiting, by the clock of this machine: then it does not arrive.
   * Otherwise it may have arrived. Rejects with an `ArgumentError` for what is no id.
   */
  cancel(id: string): Promise<boolean>;
}

/** The argument of a function's `setup`. */
export interface SetupContext {
  /** The environment variables that the function's `permissions` ask for, and that are set. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborts when the setup takes longer than `setupTimeout`, or when the function stops before it is done. */
  readonly signal: AbortSignal;
  /** Writes log lines with the function's name. */
  readonly log: Log;
}

/** The second argument of a handler. `State` is what the function's `setup` returns. */
export interface Context<State = unknown> extends Caller {
  /** The function's name, such as `billing.charge` for `functions/billing/charge.ts`. */
  readonly name: string;
  /** The message as it arrived: its body as bytes, its headers and properties. */
  readonly message: Message;
  /** 1 in the first run of this message, 2 in the second. */
  readonly attempt: number;
  /** Aborts when the run's `timeout` is over, or when the runtime stops and waits for this run no longer. */
  readonly signal: AbortSignal;
  /** Writes log lines with the function's name and the message's id. */
  readonly log: Log;
  /** What the function's `setup` returned in this process; `undefined` if it has none. */
  readonly state: State;
  /** Acknowledges the message, under `ack: "manual"`. Otherwise, and the second time, it does nothing. */
  ack(): void;
  /**
   * Gives the message back to its queue, under `ack: "manual"`. With `requeue: false` it becomes a dead letter, as the
   * setting `deadLetter` says.
   */
  nack(options?: { requeue?: boolean }): void;
}
