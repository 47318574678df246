import type { Buffer } from "node:buffer";
import { BASIC_CLASS, Frame, FRAME_END, FRAME_OVERHEAD, Method } from "../../amqp/method.ts";
import type { Output } from "../../amqp/output.ts";

/** The properties of a message and its body behind them, in a buffer that may hold other things too. */
export interface Content {
  readonly data: Buffer;
  /** Where the properties begin. */
  readonly start: number;
  readonly propertiesSize: number;
  /** Bytes of the body. */
  readonly size: number;
}

/** The fixed part of a header frame's payload: class, weight, size of the body. */
const headerPrefixBytes = 12;

/**
 * Writes basic.deliver and its content. Every consumed message passes through here. That is why the bytes are set one
 * by one in a reserved range: the methods of `Output` cost three times as much.
 */
export function writeDeliver(
  out: Output,
  channel: number,
  consumerTag: Uint8Array,
  deliveryTag: number,
  redelivered: boolean,
  envelope: Uint8Array,
  content: Content,
  frameMax: number,
): void {
  const size = 4 + consumerTag.length + 9 + envelope.length;
  out.startFrame(size + FRAME_OVERHEAD);
  const bytes = out.bytes;
  let at = writeFrameHead(bytes, out.at, Frame.Method, channel, size);
  at = write32(bytes, at, Method.BasicDeliver);
  at = copy(consumerTag, 0, consumerTag.length, bytes, at);
  at = write32(bytes, at, Math.floor(deliveryTag / 4294967296));
  at = write32(bytes, at, deliveryTag);
  bytes[at++] = redelivered ? 1 : 0;
  at = copy(envelope, 0, envelope.length, bytes, at);
  bytes[at++] = FRAME_END;
  out.at = at;
  writeContent(out, channel, content, frameMax);
}

/** Bytes of the frame that holds the properties; they always need one frame. */
export function headerFrameSize({ propertiesSize }: Content): number {
  return FRAME_OVERHEAD + headerPrefixBytes + propertiesSize;
}

/** Writes the header frame, and the body in frames of at most `frameMax` bytes. */
export function writeContent(out: Output, channel: number, content: Content, frameMax: number): void {
  const { data, start, propertiesSize, size } = content;
  const headerSize = headerPrefixBytes + propertiesSize;
  out.startFrame(headerSize + FRAME_OVERHEAD);
  const { bytes } = out;
  let at = writeFrameHead(bytes, out.at, Frame.Header, channel, headerSize);
  at = write32(bytes, at, BASIC_CLASS << 16);
  at = write32(bytes, at, 0);
  at = write32(bytes, at, size);
  at = copy(data, start, propertiesSize, bytes, at);
  bytes[at++] = FRAME_END;
  out.at = at;
  const perFrame = frameMax - FRAME_OVERHEAD;
  for (let sent = 0; sent < size; sent += perFrame) {
    writeBody(out, channel, data, start + propertiesSize + sent, Math.min(perFrame, size - sent));
  }
}

function writeBody(out: Output, channel: number, data: Buffer, start: number, size: number): void {
  out.startFrame(size + FRAME_OVERHEAD);
  const { bytes } = out;
  let at = writeFrameHead(bytes, out.at, Frame.Body, channel, size);
  at = copy(data, start, size, bytes, at);
  bytes[at++] = FRAME_END;
  out.at = at;
}

function writeFrameHead(bytes: Uint8Array, at: number, type: number, channel: number, size: number): number {
  bytes[at] = type;
  bytes[at + 1] = channel >> 8;
  bytes[at + 2] = channel;
  return write32(bytes, at + 3, size);
}

function write32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

/** For fewer bytes a loop is faster than the view that a block copy needs. */
const minBlockBytes = 64;

function copy(from: Uint8Array, start: number, size: number, to: Uint8Array, at: number): number {
  if (size < minBlockBytes) {
    for (let i = 0; i < size; i++) to[at + i] = from[start + i]!;
  } else {
    to.set(from.subarray(start, start + size), at);
  }
  return at + size;
}
