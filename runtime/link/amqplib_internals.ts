import type amqp from "amqplib";
import type { Writable } from "node:stream";
import type { BrokerVersion } from "../core/ports/broker_version.ts";
import type { FrameReader } from "./incoming_headers.ts";

// What the runtime uses of amqplib beyond its types, in the version that deno.json pins.

/** A connection's socket. */
export function streamOf({ connection }: amqp.ChannelModel): Writable {
  return (connection as unknown as { stream: Writable }).stream;
}

/** What the broker has said of itself. */
export function brokerOf({ connection }: amqp.ChannelModel | amqp.Channel): BrokerVersion {
  const { product, version } =
    (connection as unknown as { serverProperties: Partial<BrokerVersion> }).serverProperties;
  return { product: String(product), version: String(version) };
}

/** What reads a connection's frames. */
export function framesOf({ connection }: amqp.ChannelModel): FrameReader {
  return connection as unknown as FrameReader;
}

/** A channel's number, as its frames bear it. */
export function numberOf(channel: amqp.Channel): number {
  return (channel as unknown as { ch: number }).ch;
}

/** Bytes of the longest frame, as agreed on with the broker. */
export function frameMaxOf({ connection }: amqp.Channel): number {
  return (connection as unknown as { frameMax: number }).frameMax;
}

/** Writes a message's frames in their turn: behind what the channel has buffered. */
export function sendContent(channel: amqp.Channel, frames: Uint8Array): void {
  const { channels } = channel.connection as unknown as { channels: { buffer: Writable }[] };
  channels[numberOf(channel)]!.buffer.write(frames);
}

/** The same for one that the broker confirms, refuses, or says no more about as the channel closes. */
export function sendConfirmed(
  channel: amqp.ConfirmChannel,
  frames: Uint8Array,
  onOutcome: (error: Error | null) => void,
): void {
  const { unconfirmed } = channel as unknown as { unconfirmed: ((error: Error | null) => void)[] };
  unconfirmed.push(onOutcome);
  sendContent(channel, frames);
}

/** Writes whole frames to the socket, ahead of what its channels have buffered. */
export function sendFrames({ connection }: amqp.Channel, frames: Uint8Array): void {
  (connection as unknown as { sendBytes(bytes: Uint8Array): void }).sendBytes(frames);
}
