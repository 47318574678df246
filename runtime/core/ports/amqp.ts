import type { BrokerVersion } from "./broker_version.ts";
import type { Properties } from "../api/message.ts";
import type { Headers } from "./headers.ts";

// What the runtime asks of a connection to a broker. `link` gives it over AMQP; dispatch and topology know
// nothing else of the wire.

/** A connection that is kept up: whoever needs it waits for the current or the next one. */
export interface Link {
  /** The open connection, or the next one. Rejects when `signal` aborts or the link is closed. */
  connection(signal?: AbortSignal): Promise<Connection>;
}

/** One connection, until it closes; the next one is another object. */
export interface Connection {
  openChannel(): Promise<Channel>;
  /**
   * Does work on another connection to the same broker, one after the other: work that the broker may end a connection
   * over. Rejects as the work does, and with `BrokerError` where the broker ended the connection and said why.
   */
  apart<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
}

/** An exchange, as it is declared. */
export interface ExchangeDeclaration {
  readonly name: string;
  /** One of AMQP's, or a plugin's, as `x-delayed-message`: a broker without that ends the connection. */
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  /** Whether nobody may publish to it, and other exchanges alone feed it. */
  readonly internal: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A queue, as it is declared; an empty name asks the broker for one. */
export interface QueueDeclaration {
  readonly name: string;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A queue of Hopper's own, made when the first message needs it. */
export interface HelperQueue extends QueueDeclaration {
  /** Milliseconds within which it must be declared again, or the broker deletes it; Infinity: declared once a process. */
  readonly lease?: number;
  /** Whether it is another's, who declares it: it is never made here. */
  readonly owned?: true;
}

/** How a consumer is attached. */
export interface ConsumeOptions {
  /** No acknowledgements: the broker forgets a message once it is sent. */
  readonly noAck: boolean;
  /** Further x-arguments of the consumer. Default: none. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** A message the broker pushed, and the handle that settles it. */
export interface Delivery {
  readonly body: Uint8Array;
  readonly properties: Readonly<Properties>;
  readonly headers: Headers;
  /** All its properties, in the bytes that its content header had for them. */
  readonly encoded: Uint8Array;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  /** How often it was delivered before, where its queue counts that; of any other queue it is a sender's word. */
  readonly deliveredBefore: number;
  /** Who sent it. */
  readonly broker: BrokerVersion;
  /** Whether it can still be settled: it has not been, and its channel is open. */
  readonly open: boolean;
  /** Acknowledges. Only the first settling counts, and none does once the channel is closed. */
  ack(): void;
  /** Gives the message back to its queue. Only the first settling counts. */
  requeue(): void;
  /** Rejects: where the message's queue has a dead-letter exchange, the broker moves it there. Only the first settling
   * counts. */
  reject(): void;
}

/** Why a channel is no more; `replyCode` is the broker's, where it closed it. */
export interface ChannelEnd {
  readonly replyCode: number | undefined;
  readonly reason: string;
}

/** One channel, until it closes. Every call rejects with `BrokerError` if the broker refuses it. */
export interface Channel {
  /** What is at the other end. */
  readonly broker: BrokerVersion;
  declareExchange(exchange: ExchangeDeclaration): Promise<void>;
  /** Gives the queue's name, which the broker chose if the declaration left it empty. */
  declareQueue(queue: QueueDeclaration): Promise<string>;
  /** Whether there is such an exchange. Where there is none the broker closes the channel. */
  hasExchange(name: string): Promise<boolean>;
  /** Whether there is such a queue. Where there is none the broker closes the channel. */
  hasQueue(name: string): Promise<boolean>;
  /** Deletes a queue with all it holds. */
  deleteQueue(name: string): Promise<void>;
  bindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** Takes away the binding that was made with exactly these; where there is none, nothing happens. */
  unbindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  prefetch(count: number): Promise<void>;
  /** Gives the consumer tag. `onCancel` is called when the broker ends the consumer, as when its queue is deleted. */
  consume(
    queue: string,
    options: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
    onCancel: () => void,
  ): Promise<string>;
  cancel(consumerTag: string): Promise<void>;
  close(): Promise<void>;
  /** Resolves when the channel is closed, by whomever. */
  readonly ended: Promise<ChannelEnd>;
}

/** A message on its way out. */
export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Uint8Array;
  readonly properties: Readonly<Properties>;
  /**
   * The properties of the message that this one answers or passes on, as they came. Whatever `properties` has the same
   * goes in those bytes: they hold more than could be read, such as text in another encoding.
   */
  readonly came?: Uint8Array;
  /**
   * Whether all else that came goes along, in its bytes: what `properties` has no name for, not even as undefined, but
   * for the user id. Default: false.
   */
  readonly passesOn?: boolean;
  /** Bytes that its headers leave free in their frame, for what the broker will add to them. Default: 0. */
  readonly spare?: number;
  /** Whether it goes on a connection that carries nothing else, as one that the broker ended others over. Default: false. */
  readonly alone?: boolean;
  /** Whether a message that no queue takes is an error. Default: true. */
  readonly mandatory?: boolean;
  /** Whether it waits on when the broker blocks while it is under way, instead of failing with its outcome unknown.
   * Default: false. */
  readonly patient?: boolean;
}

/** Publishes confirmed and mandatory. */
export interface Publisher {
  /** Resolves once the broker has taken the message. Rejects with `Unroutable`, `PublishFailed`, `Unsendable`,
   * `BrokerBlocked` or `ConnectionLost`. */
  publish(message: Outgoing): Promise<void>;
  /** Declares a queue of Hopper's own, such as one for dead letters. */
  declareQueue(queue: QueueDeclaration): Promise<void>;
}
