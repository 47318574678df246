import type amqp from "amqplib";
import type { Duplex, Writable } from "node:stream";
import type { BrokerVersion } from "../core/ports/broker_version.ts";
import type { FrameReader } from "./arriving.ts";

// The parts of amqplib that the runtime uses although they are not in its types. deno.json pins the version.

/** A connection's socket. */
export function streamOf({ connection }: amqp.ChannelModel): Writable {
  return (connection as unknown as { stream: Writable }).stream;
}

/** What the broker reported about itself. */
export function brokerOf({ connection }: amqp.ChannelModel | amqp.Channel): BrokerVersion {
  const { product, version } =
    (connection as unknown as { serverProperties: Partial<BrokerVersion> }).serverProperties;
  return { product: String(product), version: String(version) };
}

/** The reader of a connection's frames. */
export function framesOf({ connection }: amqp.ChannelModel): FrameReader {
  return connection as unknown as FrameReader;
}

/** A channel's number, as in its frames. */
export function numberOf(channel: amqp.Channel): number {
  return (channel as unknown as { ch: number }).ch;
}

/** The size of the longest frame, in bytes, as agreed with the broker. */
export function frameMaxOf({ connection }: amqp.Channel): number {
  return (connection as unknown as { frameMax: number }).frameMax;
}

/** What a connection knows of a channel while it is open. */
interface OpenChannel {
  readonly buffer: Duplex;
}

function openChannel(channel: amqp.Channel): OpenChannel | null {
  return (channel.connection as unknown as { channels: (OpenChannel | null)[] }).channels[numberOf(channel)]!;
}

/** Where amqplib keeps an open channel's frames until the socket takes them. */
export function bufferOf(channel: amqp.Channel): Duplex {
  return openChannel(channel)!.buffer;
}

/**
 * A channel that was just opened. Rejects if it is closed already: amqplib has said so then, when nobody could listen yet.
 */
export async function opened<Opened extends amqp.Channel>(opening: Promise<Opened>): Promise<Opened> {
  const channel = await opening;
  if (openChannel(channel) === null) throw new Error("The channel was closed as soon as it was open");
  return channel;
}

/** Notes that something was sent, so that the next heartbeat is not needed. */
export function noteSent({ connection }: amqp.ChannelModel): void {
  (connection as unknown as { sentSinceLastCheck: boolean }).sentSinceLastCheck = true;
}

/** Takes over a channel's confirms: amqplib notes them no longer. */
export function takeConfirms(
  channel: amqp.ConfirmChannel,
  onConfirm: (deliveryTag: number, multiple: boolean, accepted: boolean) => void,
): void {
  for (const event of ["ack", "nack"]) {
    channel.removeAllListeners(event);
    channel.on(
      event,
      ({ deliveryTag, multiple }: { deliveryTag: number; multiple: boolean }) =>
        onConfirm(deliveryTag, multiple, event === "ack"),
    );
  }
}
