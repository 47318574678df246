/** A connection of the raw client: the handshake, channels, and an inbox for each. */

import type { Table } from "./wire_fields.ts";
import {
  type Arguments,
  CONTENT,
  decodeHeader,
  decodeMethod,
  methodName,
  type Properties,
} from "./wire_methods.ts";
import {
  BODY,
  contentFrames,
  HEADER,
  HEARTBEAT,
  methodFrame,
  PROTOCOL_HEADER,
  WireSocket,
  within,
} from "./wire_client.ts";

/** Something a broker sent: a method, with its content where it carries one. */
export type Incoming = {
  readonly name: string;
  readonly args: Arguments;
  readonly properties: Properties;
  /** The header frame as it came, for tests of the types on the wire. */
  readonly header: Uint8Array;
  readonly bytes: Uint8Array;
};

/** A close sent by the broker: its scope, reply-code, reply-text and the method it blames. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly scope: "channel" | "connection",
    readonly code: number,
    readonly text: string,
    readonly by: string,
    /** The last method this client had sent there. */
    readonly sent: string,
  ) {
    super(`${code} ${text} (${scope}, at '${by}')`);
  }
}

const NOTHING = new Uint8Array(0);
const INBOX_LIMIT = 100_000;

/** What came and was not looked at yet, in order. */
export class Inbox {
  readonly items: Incoming[] = [];
  #ended?: Error;
  #wake?: () => void;

  push(item: Incoming): void {
    if (this.items.length === INBOX_LIMIT) throw new Error(`More than ${INBOX_LIMIT} unread methods`);
    this.items.push(item);
    this.#wake?.();
  }

  /** Nothing more will come: whoever waits now or later gets `reason`, once the items are used up. */
  end(reason: Error): void {
    this.#ended ??= reason;
    this.#wake?.();
  }

  /** Removes and returns the first item that is wanted, waiting for it to come. */
  async take(wanted: (item: Incoming) => boolean, what: string): Promise<Incoming> {
    for (;;) {
      const index = this.items.findIndex(wanted);
      if (index >= 0) return this.items.splice(index, 1)[0]!;
      if (this.#ended) throw this.#ended;
      await within(new Promise<void>((resolve) => this.#wake = resolve), what);
    }
  }
}

export type ConnectOptions = {
  readonly user?: string;
  readonly password?: string;
  readonly mechanism?: string;
  /** The SASL response in place of the one made of user and password. */
  readonly response?: Uint8Array | string;
  readonly vhost?: string;
  readonly channelMax?: number;
  readonly frameMax?: number;
  readonly heartbeat?: number;
  readonly capabilities?: Table;
  /** False leaves a broker's closes unanswered. */
  readonly answerCloses?: boolean;
};

const CAPABILITIES: Table = {
  "publisher_confirms": true,
  "exchange_exchange_bindings": true,
  "basic.nack": true,
  "consumer_cancel_notify": true,
  "connection.blocked": true,
  "authentication_failure_close": true,
};

export class WireConnection implements AsyncDisposable {
  readonly inbox = new Inbox();
  readonly serverProperties: Table = {};
  tune: { channelMax: number; frameMax: number; heartbeat: number } = {
    channelMax: 0,
    frameMax: 131_072,
    heartbeat: 0,
  };
  mechanisms = "";
  #channels = new Map<number, WireChannel>();
  #partial = new Map<
    number,
    { name: string; args: Arguments; header?: Uint8Array; parts: Uint8Array[]; left: number }
  >();
  #reading?: Promise<void>;
  #over = false;
  #lastChannel = 0;
  lastSent = "none";

  private constructor(readonly socket: WireSocket, readonly options: ConnectOptions) {}

  /** Opens a connection; a refusal throws `Refused`, a dropped socket an Error. */
  static async open(
    address: { host: string; port: number },
    options: ConnectOptions = {},
  ): Promise<WireConnection> {
    const connection = new WireConnection(await WireSocket.open(address), options);
    try {
      await connection.#handshake();
      return connection;
    } catch (error) {
      await connection.abort();
      throw error;
    }
  }

  /** True once the broker or this client has closed it. */
  get over(): boolean {
    return this.#over;
  }

  async #handshake(): Promise<void> {
    const { user = "guest", password = "guest", mechanism = "PLAIN", vhost = "/" } = this.options;
    await this.socket.write(PROTOCOL_HEADER);
    this.#reading = this.#readLoop();
    const start = await this.expect("connection.start");
    Object.assign(this.serverProperties, start.args.serverProperties);
    this.mechanisms = start.args.mechanisms as string;
    await this.send("connection.start-ok", {
      clientProperties: { product: "wire client", capabilities: this.options.capabilities ?? CAPABILITIES },
      mechanism,
      response: this.options.response ?? `\0${user}\0${password}`,
      locale: "en_US",
    });
    const offered = (await this.expect("connection.tune")).args as WireConnection["tune"];
    this.tune = {
      channelMax: this.options.channelMax ?? offered.channelMax,
      frameMax: this.options.frameMax ?? offered.frameMax,
      heartbeat: this.options.heartbeat ?? 0,
    };
    await this.send("connection.tune-ok", this.tune);
    await this.send("connection.open", { virtualHost: vhost });
    await this.expect("connection.open-ok");
  }

  async send(name: string, args?: Arguments): Promise<void> {
    this.lastSent = name;
    await this.socket.write(methodFrame(0, name, args));
  }

  /** The next method on channel 0; anything else there, or a close, throws. */
  async expect(name: string): Promise<Incoming> {
    const item = await this.inbox.take((item) => item.name !== "heartbeat", `'${name}'`);
    if (item.name === "connection.close") throw refusal("connection", item, this.lastSent);
    if (item.name !== name) throw new Error(`Expected '${name}' on channel 0, got '${item.name}'`);
    return item;
  }

  /** Waits for the broker to close this connection. */
  async refused(): Promise<Refused> {
    const item = await this.inbox.take(
      (item) => item.name === "connection.close",
      "the broker to close the connection",
    );
    return refusal("connection", item, this.lastSent);
  }

  /** A channel object without opening it, for tests of what happens then. */
  unopened(number = ++this.#lastChannel): WireChannel {
    const channel = new WireChannel(this, number);
    this.#channels.set(number, channel);
    return channel;
  }

  async channel(number?: number): Promise<WireChannel> {
    const channel = this.unopened(number);
    await channel.call("channel.open");
    return channel;
  }

  /** Closes properly: exclusive queues are gone when this returns. */
  async close(): Promise<void> {
    if (!this.#over) {
      await this.send("connection.close", { code: 200, text: "Goodbye" }).catch(() => {});
      await this.inbox.take((item) => item.name === "connection.close-ok", "'connection.close-ok'").catch(
        () => {},
      );
    }
    await this.abort();
  }

  /** Drops the socket, as a crash would. */
  async abort(): Promise<void> {
    this.#over = true;
    this.socket.close();
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #readLoop(): Promise<void> {
    let reason = new Error("The broker closed the socket");
    try {
      for (;;) {
        const frame = await this.socket.frame();
        if (!frame) break;
        await this.#received(frame.type, frame.channel, frame.payload);
      }
    } catch (error) {
      reason = error as Error;
    }
    this.#over = true;
    this.inbox.end(reason);
    for (const channel of this.#channels.values()) channel.inbox.end(reason);
  }

  async #received(type: number, channel: number, payload: Uint8Array): Promise<void> {
    if (type === HEARTBEAT) return this.#complete(0, { name: "heartbeat", args: {} });
    const partial = this.#partial.get(channel);
    if (type === HEADER && partial) {
      partial.header = payload;
      partial.left = decodeHeader(payload).bodySize;
    } else if (type === BODY && partial) {
      partial.parts.push(payload);
      partial.left -= payload.length;
    } else {
      const { name, args } = decodeMethod(payload);
      if (!CONTENT.has(name)) return await this.#complete(channel, { name, args });
      this.#partial.set(channel, { name, args, parts: [], left: Infinity });
    }
    const content = this.#partial.get(channel)!;
    if (content.left > 0) return;
    this.#partial.delete(channel);
    await this.#complete(channel, content);
  }

  async #complete(
    number: number,
    method: { name: string; args: Arguments; header?: Uint8Array; parts?: Uint8Array[] },
  ) {
    const item: Incoming = {
      name: method.name,
      args: method.args,
      header: method.header ?? NOTHING,
      properties: method.header ? decodeHeader(method.header).properties : {},
      bytes: joined(method.parts ?? []),
    };
    if (item.name === "connection.close") {
      this.#over = true;
      if (this.options.answerCloses !== false) {
        await this.socket.write(methodFrame(0, "connection.close-ok")).catch(() => {});
      }
      for (const channel of this.#channels.values()) channel.inbox.push(item);
    }
    if (item.name === "channel.close" && this.options.answerCloses !== false) {
      await this.socket.write(methodFrame(number, "channel.close-ok")).catch(() => {});
    }
    (number === 0 ? this.inbox : this.#channels.get(number)?.inbox)?.push(item);
  }
}

/** A message that came, by basic.deliver, basic.get-ok or basic.return. */
export type Message = Arguments & {
  readonly properties: Properties;
  readonly header: Uint8Array;
  readonly bytes: Uint8Array;
  readonly body: string;
  readonly deliveryTag: number;
  readonly redelivered: boolean;
  readonly exchange: string;
  readonly routingKey: string;
};

export type PublishOptions = Properties & { readonly mandatory?: boolean; readonly immediate?: boolean };

export class WireChannel {
  readonly inbox = new Inbox();
  lastSent = "none";

  constructor(readonly connection: WireConnection, readonly number: number) {}

  async send(name: string, args?: Arguments): Promise<void> {
    this.lastSent = name;
    await this.connection.socket.write(methodFrame(this.number, name, args));
  }

  /** Sends a method and returns the arguments of its reply; a close in its place throws `Refused`. */
  async call(name: string, args?: Arguments): Promise<Arguments> {
    await this.send(name, args);
    return (await this.#reply([`${name}-ok`])).args;
  }

  async publish(
    exchange: string,
    routingKey: string,
    body: string | Uint8Array = "",
    options: PublishOptions = {},
  ) {
    const { mandatory, immediate, ...properties } = options;
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const args = { exchange, routingKey, mandatory, immediate };
    this.lastSent = "basic.publish";
    const { frameMax } = this.connection.tune;
    await this.connection.socket.write(
      contentFrames(this.number, "basic.publish", args, properties, bytes, frameMax || 131_072),
    );
  }

  /** The message at the head of the queue, or undefined when it is empty. */
  async get(queue: string, options: { noAck?: boolean } = {}): Promise<Message | undefined> {
    await this.send("basic.get", { queue, ...options });
    const reply = await this.#reply(["basic.get-ok", "basic.get-empty"]);
    return reply.name === "basic.get-ok" ? message(reply) : undefined;
  }

  /** The next thing that comes on the channel must be the method `name`. */
  async next(name: string): Promise<Incoming> {
    const item = await this.inbox.take(() => true, `'${name}' on channel ${this.number}`);
    this.#throwIfClosed(item);
    if (item.name !== name) {
      throw new Error(`Expected '${name}', got '${item.name}' ${JSON.stringify(item.args)}`);
    }
    return item;
  }

  async delivery(): Promise<Message> {
    return message(await this.next("basic.deliver"));
  }

  /** The bodies of the next `count` deliveries. */
  async bodies(count: number): Promise<string[]> {
    const bodies: string[] = [];
    while (bodies.length < count) bodies.push((await this.delivery()).body);
    return bodies;
  }

  async returned(): Promise<Message> {
    return message(await this.next("basic.return"));
  }

  /** Waits for the broker to close the channel, or the whole connection. */
  async refused(): Promise<Refused> {
    const isClose = (item: Incoming) => item.name === "channel.close" || item.name === "connection.close";
    const item = await this.inbox.take(isClose, "the broker to close the channel");
    return refusal(item.name === "channel.close" ? "channel" : "connection", item, this.lastSent);
  }

  async #reply(names: readonly string[]): Promise<Incoming> {
    const isReply = (item: Incoming) =>
      names.includes(item.name) || /^(channel|connection)\.close$/.test(item.name);
    const item = await this.inbox.take(isReply, `'${names.join("' or '")}' on channel ${this.number}`);
    this.#throwIfClosed(item);
    return item;
  }

  #throwIfClosed(item: Incoming): void {
    if (item.name === "channel.close") throw refusal("channel", item, this.lastSent);
    if (item.name === "connection.close") throw refusal("connection", item, this.lastSent);
  }
}

function message(item: Incoming): Message {
  const { properties, header, bytes } = item;
  return {
    ...item.args,
    properties,
    header,
    bytes,
    body: new TextDecoder().decode(bytes),
  } as unknown as Message;
}

function refusal(scope: "channel" | "connection", { args }: Incoming, sent: string): Refused {
  const by = methodName(args.classId as number, args.methodId as number);
  return new Refused(scope, args.code as number, args.text as string, by, sent);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
