import type amqp from "amqplib";
import type { Writable } from "node:stream";
import type { BrokerVersion } from "../core/ports/broker_version.ts";
import type { FrameReader } from "./incoming_headers.ts";

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

/** Writes a message's frames, after what the channel has buffered. */
export function sendContent(channel: amqp.Channel, frames: Uint8Array): void {
  const { channels } = channel.connection as unknown as { channels: { buffer: Writable }[] };
  channels[numberOf(channel)]!.buffer.write(frames);
}

/** The same, and calls `onOutcome` when the broker has confirmed or refused the message, or the channel is closed. */
export function sendConfirmed(
  channel: amqp.ConfirmChannel,
  frames: Uint8Array,
  onOutcome: (error: Error | null) => void,
): void {
  const { unconfirmed } = channel as unknown as { unconfirmed: ((error: Error | null) => void)[] };
  unconfirmed.push(onOutcome);
  sendContent(channel, frames);
}

/** Writes whole frames to the socket, before what its channels have buffered. */
export function sendFrames({ connection }: amqp.Channel, frames: Uint8Array): void {
  (connection as unknown as { sendBytes(bytes: Uint8Array): void }).sendBytes(frames);
}
