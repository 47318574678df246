/** A connection of the raw client: the handshake, its channels, and which of them gets what arrives. */

import type { Table } from "./wire_fields.ts";
import { type Arguments, CONTENT, decodeHeader, decodeMethod } from "./wire_methods.ts";
import { BODY, concat, HEADER, HEARTBEAT, methodFrame, PROTOCOL_HEADER, WireSocket } from "./wire_client.ts";
import { WireChannel } from "./wire_channel.ts";
import { Inbox, type Incoming, refusal, type Refused } from "./wire_inbox.ts";

export { type Message, type PublishOptions, WireChannel } from "./wire_channel.ts";
export { type Incoming, Refused } from "./wire_inbox.ts";

const NOTHING = new Uint8Array(0);

export type ConnectOptions = {
  readonly user?: string;
  readonly password?: string;
  readonly mechanism?: string;
  /** The SASL response, instead of one with user and password. */
  readonly response?: Uint8Array | string;
  readonly vhost?: string;
  readonly channelMax?: number;
  readonly frameMax?: number;
  readonly heartbeat?: number;
  readonly capabilities?: Table;
  /** If false, a broker's closes are not answered. */
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

  /** Opens a connection. A refusal throws `Refused`, and a dropped socket an Error. */
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

  /** Whether the broker or this client has closed it. */
  get over(): boolean {
    return this.#over;
  }

  async #handshake(): Promise<void> {
    const { user = "guest", password = "guest", mechanism = "PLAIN", vhost = "/" } = this.options;
    await this.socket.write(PROTOCOL_HEADER);
    this.#reading = this.#readLoop();
    const start = await this.expect("connection.start");
    Object.assign(this.serverProperties, start.args.serverProperties);
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

  /** The next method on channel 0. Anything else there, or a close, throws. */
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

  /** A channel object that is not opened, for tests of that case. */
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

  /** Closes properly, so that exclusive queues are deleted when this returns. */
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
      bytes: concat(method.parts ?? []),
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
