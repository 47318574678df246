import { Buffer } from "node:buffer";

// Type, channel, size; class and method; delivery tag, bits; end.
const frameBytes = 7 + 4 + 9 + 1;
const payloadBytes = 13;
const methodFrame = 1;
const frameEnd = 0xce;
const basicAck = 0x003c_0050;
const basicNack = 0x003c_0078;
const multipleBit = 1;
const requeueBit = 2;

/** Collects the frames that settle deliveries of one channel, to write them together. */
export class SettleFrames {
  readonly #channel: number;
  #frames: number[] = [];

  constructor(channel: number) {
    this.#channel = channel;
  }

  /** `basic.ack` for one delivery, or for all outstanding ones up to it. */
  ack(deliveryTag: number, multiple: boolean): void {
    this.#frames.push(basicAck, deliveryTag, multiple ? multipleBit : 0);
  }

  /** `basic.nack` that gives one delivery back to its queue. */
  requeue(deliveryTag: number): void {
    this.#frames.push(basicNack, deliveryTag, requeueBit);
  }

  /** `basic.nack` that rejects one delivery, for its queue's own dead-lettering. */
  reject(deliveryTag: number): void {
    this.#frames.push(basicNack, deliveryTag, 0);
  }

  /** Takes the frames collected so far, in a buffer from `room`; `undefined` if there are none. */
  take(room: (size: number) => Buffer = Buffer.allocUnsafe): Uint8Array | undefined {
    if (this.#frames.length === 0) return undefined;
    const bytes = room(this.#frames.length / 3 * frameBytes);
    for (let i = 0, at = 0; i < this.#frames.length; i += 3, at += frameBytes) {
      const deliveryTag = this.#frames[i + 1]!;
      bytes[at] = methodFrame;
      bytes.writeUInt16BE(this.#channel, at + 1);
      bytes.writeUInt32BE(payloadBytes, at + 3);
      bytes.writeUInt32BE(this.#frames[i]!, at + 7);
      bytes.writeUInt32BE(Math.floor(deliveryTag / 2 ** 32), at + 11);
      bytes.writeUInt32BE(deliveryTag % 2 ** 32, at + 15);
      bytes[at + 19] = this.#frames[i + 2]!;
      bytes[at + 20] = frameEnd;
    }
    this.#frames = [];
    return bytes;
  }
}
