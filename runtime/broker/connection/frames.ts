import type { Buffer } from "node:buffer";
import { Malformed } from "../../amqp/malformed.ts";
import { AmqpError } from "../errors.ts";
import { printBinary } from "../protocol/erlang.ts";
import { Frame, FRAME_END, FRAME_OVERHEAD, Method } from "../../amqp/method.ts";
import { channelCloseOk } from "./channel_close.ts";
import { Channel } from "./channel.ts";
import type { Connection } from "./connection.ts";
import { readProtocolHeader } from "./handshake.ts";
import { frameHeadBytes } from "./input.ts";
import { connectionMethod } from "./methods/connection.ts";
import { channelMethod } from "./methods/mod.ts";
import { noHeader, unexpected } from "./publisher.ts";

/**
 * Acts on every whole frame in `bytes` and returns how many bytes these took; the rest is not enough for a frame yet.
 * Stops early when `mustWait` says so.
 */
export function takeFrames(connection: Connection, bytes: Buffer, mustWait: () => boolean): number {
  const { session } = connection;
  let at = session.phase === "header" ? readProtocolHeader(connection, bytes) : 0;
  while (session.phase !== "closed" && session.phase !== "header" && bytes.length - at >= frameHeadBytes) {
    const type = bytes[at]!;
    const channel = bytes[at + 1]! << 8 | bytes[at + 2]!;
    const size = bytes.readUInt32BE(at + 3);
    const payload = at + frameHeadBytes;
    try {
      if (size > session.frameMax) throw tooLarge(type, size, session.frameMax);
      if (bytes.length - at < size + FRAME_OVERHEAD) break;
      if (bytes[payload + size] !== FRAME_END) throw badEnd(type, bytes, payload, size);
      at = payload + size + 1;
      if (!isWhole(type, size)) throw unknownFrame(type, bytes, payload, size);
      if (channel === 0) controlFrame(connection, type, bytes, payload, size);
      else channelFrame(connection, type, channel, bytes, payload, size);
    } catch (error) {
      if (refuse(connection, channel, type, error, bytes, payload)) return bytes.length;
    }
    if (mustWait()) break;
  }
  return at;
}

function controlFrame(connection: Connection, type: number, bytes: Buffer, at: number, size: number): void {
  if (type === Frame.Heartbeat) return;
  if (type !== Frame.Method) {
    if (connection.session.phase === "closing") return;
    throw unexpectedType(type, bytes, at, size);
  }
  connectionMethod(connection, bytes, at, at + size);
}

function channelFrame(
  connection: Connection,
  type: number,
  id: number,
  bytes: Buffer,
  at: number,
  size: number,
): void {
  if (type === Frame.Heartbeat) throw unexpectedType(type, bytes, at, size);
  if (connection.session.phase !== "open") {
    if (connection.session.phase === "closing") return;
    throw unexpectedType(type, bytes, at, size);
  }
  const channel = connection.channels.get(id);
  const method = type === Frame.Method ? bytes.readUInt32BE(at) : 0;
  if (!channel) return openChannel(connection, id, method);
  if (channel.isClosing) return channelCloseOk(channel, method);
  const { publisher } = channel;
  switch (type) {
    case Frame.Body:
      if (publisher.expected !== "body") break;
      return publisher.body(bytes, at, size);
    case Frame.Header:
      if (publisher.expected === "header") return publisher.header(bytes, at, size);
      break;
    case Frame.Method:
      if (publisher.expected !== "method") break;
      if (method !== Method.BasicPublish) return channelMethod(channel, method, bytes, at + 4, at + size);
      connection.publishing();
      return publisher.begin(bytes, at + 4, at + size);
  }
  const blamed = publisher.expected === "method" ? 0 : Method.BasicPublish;
  throw unexpected(expectedFrames[publisher.expected], blamed);
}

/** What the client is told where another frame had to come. */
const expectedFrames = {
  method: "expected method frame, got non method frame instead",
  header: noHeader,
  body: "expected content body, got non content body frame instead",
} as const;

function openChannel(connection: Connection, id: number, method: number): void {
  if (method !== Method.ChannelOpen) throw new AmqpError("channel_error", "expected 'channel.open'");
  if (connection.channels.size >= connection.session.channelMax) {
    throw new AmqpError(
      "not_allowed",
      `number of channels opened (${connection.channels.size}) has reached the negotiated channel_max ` +
        `(${connection.session.channelMax})`,
      0,
    );
  }
  const channel = new Channel(connection, id);
  connection.channelOpened(channel);
  channel.open();
}

/** Tells the client what was wrong. True: the rest of this input is ignored. */
function refuse(
  connection: Connection,
  channel: number,
  type: number,
  error: unknown,
  bytes: Buffer,
  at: number,
): boolean {
  if (error instanceof Malformed) {
    connection.end();
    return true;
  }
  if (!(error instanceof AmqpError)) connection.shared.report(error);
  const known = error instanceof AmqpError ? error : new AmqpError("internal_error", "");
  const method = known.method ?? causeOf(type, bytes, at);
  const open = connection.channels.get(channel);
  if (!known.closesConnection && open) {
    open.fail(known, method);
    return false;
  }
  if (connection.session.phase === "open") connection.fail(known, method);
  else connection.hangUp();
  return known.condition === "frame_error";
}

/** The method to blame: for content it is basic.publish. */
function causeOf(type: number, bytes: Buffer, at: number): number {
  if (type !== Frame.Method) return Method.BasicPublish;
  return bytes.length >= at + 4 ? bytes.readUInt32BE(at) : 0;
}

function tooLarge(type: number, size: number, frameMax: number): AmqpError {
  return new AmqpError(
    "frame_error",
    `type ${type}, all octets = <<>>: {frame_too_large,${size},${frameMax - FRAME_OVERHEAD}}`,
    0,
  );
}

function badEnd(type: number, bytes: Buffer, at: number, size: number): AmqpError {
  const end = bytes[at + size];
  return new AmqpError(
    "frame_error",
    `${describe(type, bytes, at, size)}: {invalid_frame_end_marker,${end}}`,
    0,
  );
}

/** Whether the payload is long enough for its type of frame; a heartbeat must have none. */
function isWhole(type: number, size: number): boolean {
  switch (type) {
    case Frame.Method:
      return size >= 4;
    case Frame.Header:
      return size >= 12;
    case Frame.Body:
      return true;
    case Frame.Heartbeat:
      return size === 0;
    default:
      return false;
  }
}

function unknownFrame(type: number, bytes: Buffer, at: number, size: number): AmqpError {
  return new AmqpError("frame_error", `${describe(type, bytes, at, size)}: unknown_frame`, 0);
}

function unexpectedType(type: number, bytes: Buffer, at: number, size: number): AmqpError {
  return new AmqpError("unexpected_frame", describe(type, bytes, at, size), 0);
}

function describe(type: number, bytes: Buffer, at: number, size: number): string {
  const shown = bytes.subarray(at, at + Math.min(size, 16));
  return `type ${type}, ${size <= 16 ? "all" : "first 16"} octets = ${printBinary(shown)}`;
}
