import type { BrokerVersion } from "./broker_version.ts";
import type { Properties } from "../api/message.ts";
import type { Headers } from "./headers.ts";

// What the runtime needs from a connection to a broker. `link` implements it; dispatch and topology see only this.

/** A connection that is opened again whenever it is lost. */
export interface Link {
  /** The open connection, or else the next one. Rejects when `signal` aborts or the link is closed. */
  connection(signal?: AbortSignal): Promise<Connection>;
}

/** One connection, until it closes. The next one is another object. */
export interface Connection {
  openChannel(): Promise<Channel>;
  /** A channel to look into queues. */
  openInspectChannel(): Promise<LookChannel>;
  /**
   * Does work on a separate connection to the same broker, one piece at a time, because the broker may end the
   * connection over it. Rejects as the work does, and with `BrokerError` if the broker ended the connection and said why.
   */
  apart<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
}

/** A channel to look into queues. Messages that are not acknowledged go back when it is closed. */
export interface LookChannel {
  /** How many messages are ready in a queue, and how many consumers it has. Rejects with `BrokerError` 404 if there is none. */
  look(queue: string): Promise<{ readonly waiting: number; readonly consumers: number }>;
  /** The next message; `undefined` if none is ready. */
  get(queue: string): Promise<Delivery | undefined>;
  close(): Promise<void>;
}

/** An exchange, as it is declared. */
export interface ExchangeDeclaration {
  readonly name: string;
  /** One of AMQP's types, or a plugin's, such as `x-delayed-message`. A broker without the plugin ends the connection. */
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  /** Whether clients may not publish to it, only other exchanges. */
  readonly internal: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A queue, as it is declared. If the name is empty, the broker chooses one. */
export interface QueueDeclaration {
  readonly name: string;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A queue that Hopper itself needs (retries, dead letters). It is declared when the first message needs it. */
export interface HelperQueue extends QueueDeclaration {
  /** If it is not declared again within this many milliseconds, the broker deletes it. Infinity: declare it once. */
  readonly lease?: number;
  /** Whether somebody else declares it, so that Hopper never does. */
  readonly owned?: true;
}

/** How a consumer is attached. */
export interface ConsumeOptions {
  /** Without acknowledgements: the broker forgets a message when it has sent it. */
  readonly noAck: boolean;
  /** Whether the broker refuses it (403) if the queue has a consumer, and refuses others afterwards. @default false */
  readonly exclusive?: boolean;
  /** More x-arguments of the consumer. @default none */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** A message from the broker, and the means to settle it. */
export interface Delivery {
  readonly body: Uint8Array;
  readonly properties: Readonly<Properties>;
  readonly headers: Headers;
  /** All its properties, as the bytes of its content header. */
  readonly encoded: Uint8Array;
  readonly exchange: string;
  readonly routingKey: string;
  readonly redelivered: boolean;
  /** The broker's number for it on its channel. */
  readonly tag: number;
  /** How often it was delivered before. Only a quorum queue counts that; elsewhere any sender can set it. */
  readonly deliveredBefore: number;
  /** The broker that delivered it. */
  readonly broker: BrokerVersion;
  /** Whether it can still be settled: it is not settled yet, and its channel is open. */
  readonly open: boolean;
  /** Acknowledges the message. Does nothing if it is settled already, or if the channel is closed. */
  ack(): void;
  /** Gives the message back to its queue. Does nothing if it is settled already. */
  requeue(): void;
  /** Rejects the message: the broker moves it to the queue's dead-letter exchange, or drops it. Does nothing if it is
   * settled already. */
  reject(): void;
}

/** Why a channel was closed. `replyCode` is the broker's, if the broker closed it. */
export interface ChannelEnd {
  readonly replyCode: number | undefined;
  readonly reason: string;
}

/** One channel, until it closes. Every call rejects with `BrokerError` if the broker refuses it. */
export interface Channel {
  /** The broker at the other end. */
  readonly broker: BrokerVersion;
  declareExchange(exchange: ExchangeDeclaration): Promise<void>;
  /** Declares a queue and returns its name, which the broker chooses if the declaration's is empty. */
  declareQueue(queue: QueueDeclaration): Promise<string>;
  /** Whether the exchange exists. If not, the broker closes this channel. */
  hasExchange(name: string): Promise<boolean>;
  /** Whether the queue exists. If not, the broker closes this channel. */
  hasQueue(name: string): Promise<boolean>;
  /** How many messages wait in a queue. If it does not exist, the broker closes this channel. */
  messagesIn(queue: string): Promise<number>;
  /** Deletes a queue with all its messages. */
  deleteQueue(name: string): Promise<void>;
  bindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** Binds an exchange to another one: `source` passes its messages on to `destination`. */
  bindExchange(
    destination: string,
    source: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** Removes the binding that was made with exactly these arguments. Does nothing if there is none. */
  unbindQueue(
    queue: string,
    exchange: string,
    routingKey: string,
    headers: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  prefetch(count: number): Promise<void>;
  /** Starts a consumer and returns its tag. `onCancel` is called when the broker ends it, for example with its queue. */
  consume(
    queue: string,
    options: ConsumeOptions,
    onDelivery: (delivery: Delivery) => void,
    onCancel: () => void,
  ): Promise<string>;
  cancel(consumerTag: string): Promise<void>;
  close(): Promise<void>;
  /** Resolves when the channel is closed, from either side. */
  readonly ended: Promise<ChannelEnd>;
}

/** A message to publish. */
export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Uint8Array;
  readonly properties: Readonly<Properties>;
  /**
   * The properties of the message that this one answers or passes on, as bytes. A property with the same value is sent
   * in these bytes, which may hold more than could be decoded, such as text in another encoding.
   */
  readonly came?: Uint8Array;
  /**
   * Whether the other properties in `came` are sent too: those that are no key of `properties`, except the user id.
   * @default false
   */
  readonly passesOn?: boolean;
  /** How many bytes of the header frame stay free for headers that the broker will add. @default 0 */
  readonly spare?: number;
  /** Whether it is sent on a separate connection, because the broker may have ended others over it. @default false */
  readonly alone?: boolean;
  /** Whether it is an error if no queue takes the message. @default true */
  readonly mandatory?: boolean;
  /** Whether it waits if the broker blocks after it was sent, instead of failing with an unknown outcome. @default false */
  readonly patient?: boolean;
}

/** Publishes messages, and waits until the broker has confirmed them. */
export interface Publisher {
  /** Resolves when the broker has confirmed the message. Rejects with `Unroutable`, `PublishFailed`, `Unsendable`,
   * `BrokerBlocked` or `ConnectionLost`. */
  publish(message: Outgoing): Promise<void>;
  /** Declares a queue that Hopper itself needs, such as one for dead letters. */
  declareQueue(queue: QueueDeclaration): Promise<void>;
}
