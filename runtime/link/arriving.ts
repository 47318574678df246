import { Buffer } from "node:buffer";

/** amqplib's frame reader. `rest` is what has arrived; `recvFrame` takes the first frame from it when it is complete. */
export interface FrameReader {
  rest: Buffer;
  /** The longest frame that it accepts, in bytes. */
  maxFrameSize: number;
  /** Whether something has arrived since the last check of the heartbeat. */
  recvSinceLastCheck: boolean;
  readonly stream: { read(): Buffer | null };
  recvFrame(): unknown;
}

export const headBytes = 7;
export const endBytes = 1;

const nothing = Buffer.alloc(0);

/**
 * Reads from the socket for amqplib, which would copy everything with each read. Here only the frame that two reads have a
 * part of is copied.
 */
export class Arriving {
  readonly #frames: FrameReader;
  /** What has arrived behind `rest`. */
  #behind: Buffer = nothing;

  constructor(frames: FrameReader) {
    this.#frames = frames;
  }

  /** Adds to `rest`, of its first frame what is missing; `false` if nothing more has arrived. */
  more(): boolean {
    const arrived = this.take();
    if (arrived === null) return false;
    const { rest } = this.#frames;
    if (rest.length === 0) {
      this.#frames.rest = arrived;
      return true;
    }
    const missing = sizeOf(rest) - rest.length;
    this.#frames.rest = Buffer.concat([rest, arrived.subarray(0, missing)]);
    this.#behind = arrived.subarray(missing);
    return true;
  }

  /** What has arrived behind `rest`; `null` if nothing has. */
  take(): Buffer | null {
    if (this.#behind.length > 0) {
      const behind = this.#behind;
      this.#behind = nothing;
      return behind;
    }
    const arrived = this.#frames.stream.read();
    if (arrived !== null) this.#frames.recvSinceLastCheck = true;
    return arrived;
  }
}

/** Whether the first frame is there in full, or longer than `max`, and so to be refused. 0: no limit. */
export function isDecided(bytes: Buffer, max: number): boolean {
  const size = sizeOf(bytes);
  return bytes.length >= size && size > headBytes || max > 0 && size > headBytes + max + endBytes;
}

/** The size of the first frame, or of its head as long as that is not there. */
function sizeOf(bytes: Buffer): number {
  return bytes.length < headBytes ? headBytes : headBytes + bytes.readUInt32BE(3) + endBytes;
}
