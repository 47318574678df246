import { Buffer } from "node:buffer";
import { BASIC_CLASS, Frame, FRAME_END, FRAME_OVERHEAD, Method } from "../amqp/method.ts";
import { Output } from "../amqp/output.ts";
import type { Outgoing } from "../core/ports/amqp.ts";
import { encodeProperties } from "./content_header.ts";
import { writeShortString } from "./short_string.ts";

/** The bytes of a content header before the properties: class, weight, body size. */
export const contentHeadBytes = 12;

const mandatoryBit = 1;

/** The properties do not fit one frame. */
export class DoesNotFit extends RangeError {
  /** `max` is how many bytes would fit. */
  constructor(max: number) {
    super(
      `Its headers are too long: together with the other properties they may take at most ${max} bytes, because they must fit one frame`,
    );
  }
}

/**
 * The frames of `basic.publish` with its content, each of at most `frameMax` bytes. Throws an error that says which part
 * AMQP cannot carry: the properties must fit one frame.
 */
export function publishFrames(channel: number, frameMax: number, message: Outgoing): Buffer {
  const { exchange, routingKey, body, mandatory = true, spare = 0 } = message;
  const room = frameMax - FRAME_OVERHEAD;
  const address = new Output();
  writeShortString(address, exchange, "exchange");
  writeShortString(address, routingKey, exchange === "" ? "queue" : "routing key");
  const encoded = encodeProperties(message);
  const max = room - contentHeadBytes - spare;
  if (encoded.length > max) throw new DoesNotFit(max);

  const bodies = Math.ceil(body.length / room);
  const size = (2 + bodies) * FRAME_OVERHEAD + 4 + 2 + address.at + 1 + contentHeadBytes + encoded.length +
    body.length;
  const bytes = Buffer.allocUnsafe(size);
  let at = head(bytes, 0, Frame.Method, channel, 4 + 2 + address.at + 1);
  at = bytes.writeUInt32BE(Method.BasicPublish, at);
  at = bytes.writeUInt16BE(0, at);
  at += address.bytes.copy(bytes, at, 0, address.at);
  at = bytes.writeUInt8(mandatory ? mandatoryBit : 0, at);
  at = bytes.writeUInt8(FRAME_END, at);
  at = head(bytes, at, Frame.Header, channel, contentHeadBytes + encoded.length);
  at = bytes.writeUInt32BE(BASIC_CLASS << 16, at);
  at = bytes.writeBigUInt64BE(BigInt(body.length), at);
  at += encoded.copy(bytes, at);
  at = bytes.writeUInt8(FRAME_END, at);
  for (let sent = 0; sent < body.length; sent += room) {
    const part = body.subarray(sent, sent + room);
    at = head(bytes, at, Frame.Body, channel, part.length);
    bytes.set(part, at);
    at = bytes.writeUInt8(FRAME_END, at + part.length);
  }
  return bytes;
}

function head(bytes: Buffer, at: number, type: number, channel: number, size: number): number {
  at = bytes.writeUInt8(type, at);
  at = bytes.writeUInt16BE(channel, at);
  return bytes.writeUInt32BE(size, at);
}
