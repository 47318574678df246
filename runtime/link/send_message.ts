import { Buffer } from "node:buffer";
import type amqp from "amqplib";
import type { Outgoing } from "../core/ports/amqp.ts";
import { Unsendable } from "../core/ports/amqp_errors.ts";
import { bufferOf, frameMaxOf, numberOf } from "./amqplib_internals.ts";
import { readError } from "./broker_error.ts";
import { publishFrames } from "./content_frames.ts";
import type { Outbox } from "./outbox.ts";

/**
 * Sends a message on a channel. If the other side reads too slowly, the channels of the connection take turns through
 * amqplib's buffers, so that one with much to send does not hold back the others. Throws `Unsendable`.
 */
export function sendMessage(channel: amqp.Channel, outbox: Outbox, message: Outgoing): void {
  const buffer = bufferOf(channel);
  const takesTurns = outbox.isBehind || buffer.readableLength > 0 || buffer.writableLength > 0;
  const room = takesTurns ? Buffer.allocUnsafeSlow : outbox.room;
  let frames: Buffer;
  try {
    frames = publishFrames(numberOf(channel), frameMaxOf(channel), message, room);
  } catch (error) {
    const { exchange, routingKey } = message;
    throw new Unsendable(exchange, routingKey, readError(error).reason, { cause: error });
  }
  if (takesTurns) buffer.write(frames);
}
