/**
 * Frames between the runtime and a function's process. A frame has a kind, a number that says what it belongs to, a head
 * (JSON text) and a body (bytes):
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | length of what follows |
 * | 1 | kind |
 * | 4 | number |
 * | 4 | length of the head |
 * | … | head, UTF-8; none is `null` |
 * | … | body |
 */

/** One frame, decoded. */
export interface Frame {
  readonly kind: number;
  readonly id: number;
  readonly head: unknown;
  readonly body: Uint8Array;
  /** The size of the whole frame, in bytes. */
  readonly size: number;
}

/** The largest sizes of a frame's parts, in bytes. */
export interface FrameLimits {
  readonly head: number;
  readonly body: number;
}

/** The bytes that arrived are not a valid frame. */
export class FrameError extends Error {
  override name = "FrameError";
}

/** The frame was not sent, because it is longer than its reader accepts. */
export class FrameTooLong extends RangeError {
  override name = "FrameTooLong";
}

const prefix = 4;
const fixed = 1 + 4 + 4;

const encoder = new TextEncoder();
// A strict decoder would be four times slower. Invalid UTF-8 is harmless here.
const decoder = new TextDecoder();
const noBytes = new Uint8Array(0);

const roomAtFirst = 16 * 1024;

// A piece grows to this, and then another one begins. Only one for a longer frame is longer, and is not used again.
const maxPiece = 256 * 1024;

/** Frames that are written together. */
interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many of the bytes are used. */
  readonly length: number;
}

/** Collects outgoing frames in pieces, so that they can be written together. */
export class FrameBuffer {
  readonly #limits: FrameLimits;
  /** The pieces that are complete, the oldest first, and the length of all of them. */
  readonly #complete: Piece[] = [];
  #completeLength = 0;
  /** The piece to which frames are added, and how many of its bytes are used. */
  #bytes = new Uint8Array(roomAtFirst);
  #length = 0;
  /** What was taken last, and (`#free`) what was taken before it. */
  #taken: Uint8Array<ArrayBuffer> | undefined;
  #free: Uint8Array<ArrayBuffer> | undefined;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** How many bytes wait to be taken. */
  get length(): number {
    return this.#completeLength + this.#length;
  }

  /** Adds a frame. Throws `FrameTooLong`, and the error of `JSON.stringify` for a head that JSON cannot hold. */
  add(kind: number, id: number, head?: unknown, body: Uint8Array = noBytes): void {
    const text = head === undefined ? "" : JSON.stringify(head);
    this.#refuseTooLong(text, body);
    // A character takes at most three bytes in UTF-8.
    this.#reserve(prefix + fixed + text.length * 3 + body.length);
    const start = this.#length;
    const headAt = start + prefix + fixed;
    const headLength = text === "" ? 0 : encoder.encodeInto(text, this.#bytes.subarray(headAt)).written;
    this.#bytes.set(body, headAt + headLength);
    this.#length = headAt + headLength + body.length;
    writeUint32(this.#bytes, start, this.#length - start - prefix);
    this.#bytes[start + 4] = kind;
    writeUint32(this.#bytes, start + 5, id);
    writeUint32(this.#bytes, start + 9, headLength);
  }

  /** Takes the oldest piece: everything, unless that is much. Its bytes are valid until more is taken. */
  take(): Uint8Array {
    if (this.#taken && this.#taken.length <= maxPiece) this.#free = this.#taken;
    if (this.#complete.length === 0) this.#beginPiece(roomAtFirst);
    const { bytes, length } = this.#complete.shift()!;
    this.#completeLength -= length;
    this.#taken = bytes;
    return bytes.subarray(0, length);
  }

  #refuseTooLong(text: string, { length }: Uint8Array): void {
    const { head, body } = this.#limits;
    if (length > body) {
      throw new FrameTooLong(`A body of ${length} bytes is too long: expected at most ${body}`);
    }
    if (text.length > head || text.length * 3 > head && encoder.encode(text).length > head) {
      throw new FrameTooLong(
        `The part of a message besides its body is too long: expected at most ${head} bytes of JSON`,
      );
    }
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    if (needed > maxPiece && this.#length > 0) return this.#beginPiece(Math.max(more, maxPiece));
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }

  /** Completes the piece, and begins another one with at least this much room. */
  #beginPiece(room: number): void {
    this.#complete.push({ bytes: this.#bytes, length: this.#length });
    this.#completeLength += this.#length;
    this.#length = 0;
    const fits = this.#free !== undefined && this.#free.length >= room;
    this.#bytes = fits ? this.#free! : new Uint8Array(room);
    this.#free = undefined;
  }
}

// Small enough for the allocator to use it again, and large enough for all that one read brings.
const readBytes = 64 * 1024;
const leastRead = 16 * 1024;

/**
 * Splits arriving bytes into frames. It owns the memory that the bytes are read into, so that a frame lies in one piece
 * without being copied, and never uses it again, because the bodies of frames keep pointing into it.
 */
export class FrameReader {
  readonly #limits: FrameLimits;
  #bytes = new Uint8Array(readBytes);
  /** Where the first frame begins that is not complete, and how far the bytes have arrived. */
  #start = 0;
  #end = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Where the next bytes are to be written. */
  get room(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#end);
  }

  /**
   * So many bytes have been written into the room. Calls `onFrame` for every frame that is now complete; its body is a part
   * of the room. Throws `FrameError`.
   */
  read(count: number, onFrame: (frame: Frame) => void): void {
    this.#end += count;
    let needed = this.#needed();
    while (this.#end - this.#start >= needed) {
      const at = this.#start;
      this.#start += needed;
      onFrame(this.#parse(this.#bytes, at + prefix, this.#start));
      needed = this.#needed();
    }
    this.#makeRoom(needed);
  }

  /** How many bytes the first frame takes, as far as that is known. */
  #needed(): number {
    if (this.#end - this.#start < prefix) return prefix;
    const announced = readUint32(this.#bytes, this.#start);
    const max = fixed + this.#limits.head + this.#limits.body;
    if (announced < fixed || announced > max) {
      throw new FrameError(`A frame of ${announced} bytes was announced; expected ${fixed} to ${max}`);
    }
    return prefix + announced;
  }

  #parse(bytes: Uint8Array, at: number, end: number): Frame {
    const headAt = at + fixed;
    const headLength = readUint32(bytes, at + 5);
    const bodyAt = headAt + headLength;
    if (bodyAt > end) throw new FrameError("A frame's head is longer than the frame");
    if (headLength > this.#limits.head) {
      throw new FrameError(`A frame's head has ${headLength} bytes; expected at most ${this.#limits.head}`);
    }
    return {
      kind: bytes[at]!,
      id: readUint32(bytes, at + 1),
      head: headLength === 0 ? undefined : parseHead(bytes.subarray(headAt, bodyAt)),
      body: bodyAt === end ? noBytes : bytes.subarray(bodyAt, end),
      size: prefix + end - at,
    };
  }

  /** Goes on in new memory if the first frame, or a read that is worth it, does not fit behind what has arrived. */
  #makeRoom(needed: number): void {
    const fits = this.#start + needed <= this.#bytes.length;
    if (fits && this.#bytes.length - this.#end >= leastRead) return;
    const held = this.#bytes.subarray(this.#start, this.#end);
    // It grows with the bytes that have arrived, not with the announced size, which may be a lie.
    const bytes = new Uint8Array(Math.max(readBytes, Math.min(needed, held.length * 2)));
    bytes.set(held);
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = held.length;
  }
}

function parseHead(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new FrameError("A frame's head is not JSON", { cause });
  }
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}
