import { Buffer } from "node:buffer";
import type { Outgoing } from "../core/link.ts";
import { encodeProperties } from "./content_header.ts";
import { FieldWriter } from "./field_writer.ts";

const [methodFrame, headerFrame, bodyFrame, frameEnd] = [1, 2, 3, 0xce];
/** Of a frame: type, channel and size before what it holds, and its end. */
const [headBytes, endBytes] = [7, 1];
export const frameOverhead = headBytes + endBytes;
/** Of a content header, before the properties: class, weight, body size. */
export const contentHeadBytes = 12;

const basicClass = 60;
const basicPublish = basicClass << 16 | 40;
const mandatoryBit = 1;

/**
 * `basic.publish` with its content, in frames of at most `frameMax` bytes. Throws an error that says what AMQP cannot
 * carry of it: a content header has to fit in one frame.
 */
export function publishFrames(channel: number, frameMax: number, message: Outgoing): Buffer {
  const { exchange, routingKey, body, properties, mandatory = true, carried, spare = 0 } = message;
  const room = frameMax - frameOverhead;
  const address = new FieldWriter(room);
  address.shortString(exchange, "exchange");
  address.shortString(routingKey, exchange === "" ? "queue" : "routing key");
  const encoded = encodeProperties(properties, room - contentHeadBytes - spare, carried);

  const method = address.bytes;
  const bodies = Math.ceil(body.length / room);
  const size = (2 + bodies) * frameOverhead + 4 + 2 + method.length + 1 + contentHeadBytes + encoded.length +
    body.length;
  const bytes = Buffer.allocUnsafe(size);
  let at = head(bytes, 0, methodFrame, channel, 4 + 2 + method.length + 1);
  at = bytes.writeUInt32BE(basicPublish, at);
  at = bytes.writeUInt16BE(0, at);
  at += method.copy(bytes, at);
  at = bytes.writeUInt8(mandatory ? mandatoryBit : 0, at);
  at = bytes.writeUInt8(frameEnd, at);
  at = head(bytes, at, headerFrame, channel, contentHeadBytes + encoded.length);
  at = bytes.writeUInt32BE(basicClass << 16, at);
  at = bytes.writeBigUInt64BE(BigInt(body.length), at);
  at += encoded.copy(bytes, at);
  at = bytes.writeUInt8(frameEnd, at);
  for (let sent = 0; sent < body.length; sent += room) {
    const part = body.subarray(sent, sent + room);
    at = head(bytes, at, bodyFrame, channel, part.length);
    bytes.set(part, at);
    at = bytes.writeUInt8(frameEnd, at + part.length);
  }
  return bytes;
}

function head(bytes: Buffer, at: number, type: number, channel: number, size: number): number {
  at = bytes.writeUInt8(type, at);
  at = bytes.writeUInt16BE(channel, at);
  return bytes.writeUInt32BE(size, at);
}
