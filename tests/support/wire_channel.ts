/** A channel of the raw client: calls, publishes and what arrives. */

import type { Arguments, Properties } from "./wire_methods.ts";
import { contentFrames, methodFrame } from "./wire_client.ts";
import type { WireConnection } from "./wire_connection.ts";
import { Inbox, type Incoming, refusal, Refused } from "./wire_inbox.ts";

/** A message that arrived with basic.deliver, basic.get-ok or basic.return. */
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

  /** Sends a method and returns the arguments of its reply. A close instead throws `Refused`. */
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

  /** The next method on the channel, which must be `name`. */
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
