/** Headers with their AMQP types, written and read with a codec of the tests' own. */

import type { Vhost } from "./rabbitmq.ts";
import type { Message, WireChannel } from "./wire_channel.ts";
import { WireConnection } from "./wire_connection.ts";
import { Writer } from "./wire_fields.ts";
import { decodeHeader, type Properties } from "./wire_methods.ts";

/** A client that writes and reads all AMQP types. */
export interface Wire extends AsyncDisposable {
  readonly channel: WireChannel;
  send(queue: string, body: string, properties: Properties): Promise<void>;
  /** The next message in a queue. */
  next(queue: string): Promise<Message>;
}

export async function openWire({ url, name }: Vhost): Promise<Wire> {
  const { hostname: host, port } = new URL(url);
  const connection = await WireConnection.open({ host, port: Number(port) }, { vhost: name });
  const channel = await connection.channel();
  await channel.call("confirm.select");
  return {
    channel,
    async send(queue, body, properties) {
      await channel.publish("", queue, body, properties);
      await channel.next("basic.ack");
    },
    async next(queue) {
      await channel.call("basic.consume", { queue, consumerTag: queue, noAck: true });
      const message = await channel.delivery();
      await channel.call("basic.cancel", { consumerTag: queue });
      return message;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** A message's headers with their types. */
export const typesIn = ({ header }: Message) => decodeHeader(header, true).properties.headers!;

/** The bytes of one header. */
export const bytesOf = (name: string, value: unknown) =>
  new Writer().table({ [name]: value }).bytes.subarray(4);
