/**
 * Frames between the runtime and a function's process. A frame is a kind, a number that says what it belongs to, a
 * head (JSON text) and a body (bytes):
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

/** One frame, read. */
export interface Frame {
  readonly kind: number;
  readonly id: number;
  readonly head: unknown;
  readonly body: Uint8Array;
}

/** What came is no frame: whoever sent it does not speak this language. */
export class FrameError extends Error {
  override name = "FrameError";
}

const prefix = 4;
const fixed = 1 + 4 + 4;

/** The longest frame, a little more than the longest message RabbitMQ takes. */
export const mostFrameBytes = 512 * 1024 * 1024 + 64 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const noBytes = new Uint8Array(0);

/** Frames on their way out, gathered until they are taken to be written at once. */
export class FrameBuffer {
  #bytes = new Uint8Array(16 * 1024);
  #length = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds a frame. Throws what `JSON.stringify` throws for a head that JSON cannot hold, and adds nothing then. */
  add(kind: number, id: number, head?: unknown, body: Uint8Array = noBytes): void {
    const text = head === undefined ? "" : JSON.stringify(head);
    // A character takes at most three bytes.
    this.#reserve(prefix + fixed + text.length * 3 + body.length);
    const start = this.#length;
    const headAt = start + prefix + fixed;
    const headLength = text === "" ? 0 : encoder.encodeInto(text, this.#bytes.subarray(headAt)).written;
    this.#bytes.set(body, headAt + headLength);
    this.#length = headAt + headLength + body.length;
    const view = new DataView(this.#bytes.buffer, start);
    view.setUint32(0, this.#length - start - prefix);
    view.setUint8(4, kind);
    view.setUint32(5, id);
    view.setUint32(9, headLength);
  }

  /** Takes everything that waits. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(16 * 1024);
    this.#length = 0;
    return taken;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}

/** Cuts what arrives into frames. */
export class FrameReader {
  readonly #most: number;
  /** The beginning of a frame whose rest has not come yet. */
  #held = noBytes;
  #heldLength = 0;

  constructor(most: number = mostFrameBytes) {
    this.#most = most;
  }

  /** Gives every frame that is complete with these bytes, which may be reused afterwards. Throws `FrameError`. */
  read(chunk: Uint8Array, onFrame: (frame: Frame) => void): void {
    let bytes = chunk;
    if (this.#heldLength > 0) {
      this.#hold(chunk);
      if (this.#heldLength < this.#neededFor(this.#held, this.#heldLength)) return;
      bytes = this.#held.subarray(0, this.#heldLength);
      this.#held = noBytes;
      this.#heldLength = 0;
    }
    let at = 0;
    while (bytes.length - at >= prefix) {
      const end = at + this.#neededFor(bytes.subarray(at), bytes.length - at);
      if (end > bytes.length) break;
      onFrame(parse(bytes.subarray(at + prefix, end)));
      at = end;
    }
    if (at < bytes.length) this.#hold(bytes.subarray(at));
  }

  #neededFor(bytes: Uint8Array, length: number): number {
    if (length < prefix) return prefix;
    const announced = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (announced < fixed || announced > this.#most) {
      throw new FrameError(`A frame of ${announced} bytes was announced; expected ${fixed} to ${this.#most}`);
    }
    return prefix + announced;
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#heldLength + bytes.length;
    if (length > this.#held.length) {
      // Grows with what has come, not with what was announced.
      const held = new Uint8Array(Math.max(length, this.#held.length * 2, 1024));
      held.set(this.#held.subarray(0, this.#heldLength));
      this.#held = held;
    }
    this.#held.set(bytes, this.#heldLength);
    this.#heldLength = length;
  }
}

function parse(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headLength = view.getUint32(5);
  const bodyAt = fixed + headLength;
  if (bodyAt > bytes.length) throw new FrameError("A frame's head is longer than the frame");
  return {
    kind: view.getUint8(0),
    id: view.getUint32(1),
    head: headLength === 0 ? undefined : parseHead(bytes.subarray(fixed, bodyAt)),
    body: bodyAt === bytes.length ? noBytes : bytes.slice(bodyAt),
  };
}

function parseHead(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new FrameError("A frame's head is not JSON", { cause });
  }
}
