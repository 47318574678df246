import { Buffer } from "node:buffer";
import { BASIC_CLASS, Frame, FRAME_END, FRAME_OVERHEAD, Method } from "../amqp/method.ts";
import { Output } from "../amqp/output.ts";
import type { Outgoing } from "../core/ports/amqp.ts";
import { writeProperties } from "./content_header.ts";
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

// Messages are encoded one after the other, and nothing of one stays, so all use the same bytes.
let scratch = new Output();

/**
 * The frames of `basic.publish` with its content, each of at most `frameMax` bytes, in a buffer from `room`. Throws an
 * error that says which part AMQP cannot carry: the properties must fit one frame.
 */
export function publishFrames(
  channel: number,
  frameMax: number,
  message: Outgoing,
  room: (size: number) => Buffer = Buffer.allocUnsafeSlow,
): Buffer {
  const { exchange, routingKey, body, mandatory = true, spare = 0 } = message;
  const most = frameMax - FRAME_OVERHEAD;
  scratch.at = 0;
  writeShortString(scratch, exchange, "exchange");
  writeShortString(scratch, routingKey, exchange === "" ? "queue" : "routing key");
  const addressEnd = scratch.at;
  writeProperties(scratch, message);
  const { bytes: encoded, at: encodedEnd } = scratch;
  const max = most - contentHeadBytes - spare;
  if (encodedEnd - addressEnd > max) {
    scratch = new Output();
    throw new DoesNotFit(max);
  }

  const method = 4 + 2 + addressEnd + 1;
  const header = contentHeadBytes + encodedEnd - addressEnd;
  const bodies = Math.ceil(body.length / most);
  const bytes = room((2 + bodies) * FRAME_OVERHEAD + method + header + body.length);
  let at = head(bytes, 0, Frame.Method, channel, method);
  at = bytes.writeUInt32BE(Method.BasicPublish, at);
  at = bytes.writeUInt16BE(0, at);
  bytes.set(encoded.subarray(0, addressEnd), at);
  at += addressEnd;
  bytes[at++] = mandatory ? mandatoryBit : 0;
  bytes[at++] = FRAME_END;
  at = head(bytes, at, Frame.Header, channel, header);
  at = bytes.writeUInt32BE(BASIC_CLASS << 16, at);
  at = bytes.writeUInt32BE(Math.floor(body.length / 2 ** 32), at);
  at = bytes.writeUInt32BE(body.length % 2 ** 32, at);
  bytes.set(encoded.subarray(addressEnd, encodedEnd), at);
  at += encodedEnd - addressEnd;
  bytes[at++] = FRAME_END;
  for (let sent = 0; sent < body.length; sent += most) {
    const part = bodies === 1 ? body : body.subarray(sent, sent + most);
    at = head(bytes, at, Frame.Body, channel, part.length);
    bytes.set(part, at);
    at += part.length;
    bytes[at++] = FRAME_END;
  }
  return bytes;
}

function head(bytes: Buffer, at: number, type: number, channel: number, size: number): number {
  bytes[at] = type;
  bytes.writeUInt16BE(channel, at + 1);
  return bytes.writeUInt32BE(size, at + 3);
}
