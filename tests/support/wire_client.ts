/** A raw AMQP client for tests: bytes in, frames out. It sends anything, well formed or not. */

import { Writer } from "./wire_fields.ts";
import { type Arguments, encodeHeader, encodeMethod, type Properties } from "./wire_methods.ts";

export const METHOD = 1, HEADER = 2, BODY = 3, HEARTBEAT = 8;
export const PROTOCOL_HEADER = Uint8Array.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

const FRAME_END = 0xce;
const PATIENCE = 10_000;

export type Frame = { readonly type: number; readonly channel: number; readonly payload: Uint8Array };

/** The bytes of one frame. `end` can be set, to send a wrong one. */
export function encodeFrame(type: number, channel: number, payload: Uint8Array, end = FRAME_END): Uint8Array {
  const head = new Writer().uint(1, type).uint(2, channel).uint(4, payload.length).bytes;
  return concat([head, payload, Uint8Array.of(end)]);
}

export const methodFrame = (channel: number, name: string, args?: Arguments): Uint8Array =>
  encodeFrame(METHOD, channel, encodeMethod(name, args));

/** A method with its header and body, split into frames of at most `frameMax` bytes. */
export function contentFrames(
  channel: number,
  name: string,
  args: Arguments,
  properties: Properties,
  body: Uint8Array,
  frameMax: number,
): Uint8Array {
  const frames = [
    methodFrame(channel, name, args),
    encodeFrame(HEADER, channel, encodeHeader(properties, body.length)),
  ];
  const room = frameMax - 8;
  for (let at = 0; at < body.length; at += room) {
    frames.push(encodeFrame(BODY, channel, body.subarray(at, at + room)));
  }
  return concat(frames);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Rejects after ten seconds, so that a test fails with a reason instead of hanging. */
export async function within<T>(wait: Promise<T>, what: string, milliseconds = PATIENCE): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${milliseconds} ms for ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([wait, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One TCP connection to a broker. */
export class WireSocket implements Disposable {
  #pending: Uint8Array = new Uint8Array(0);
  #closed = false;

  private constructor(readonly connection: Deno.TcpConn) {}

  static async open(address: { host: string; port: number }): Promise<WireSocket> {
    const connection = await Deno.connect({ hostname: address.host, port: address.port });
    connection.setNoDelay(true);
    return new WireSocket(connection);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }

  /** Exactly `size` bytes, or undefined if the peer closed before. */
  async read(size: number): Promise<Uint8Array | undefined> {
    while (this.#pending.length < size) {
      if (!await this.#fill()) return undefined;
    }
    const taken = this.#pending.slice(0, size);
    this.#pending = this.#pending.subarray(size);
    return taken;
  }

  /** The next frame, or undefined if the peer closed. */
  async frame(): Promise<Frame | undefined> {
    const head = await this.read(7);
    if (!head) return undefined;
    const view = new DataView(head.buffer);
    const size = view.getUint32(3);
    const rest = await this.read(size + 1);
    if (!rest) return undefined;
    if (rest[size] !== FRAME_END) {
      throw new Error(`The broker ended a frame with ${rest[size]} instead of 206`);
    }
    return { type: view.getUint8(0), channel: view.getUint16(1), payload: rest.subarray(0, size) };
  }

  /** All bytes until the peer closes. */
  async drain(): Promise<Uint8Array> {
    while (await this.#fill());
    return this.#pending;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #fill(): Promise<boolean> {
    const chunk = new Uint8Array(65_536);
    const count = await this.#readSome(chunk);
    if (count === null) return false;
    this.#pending = concat([this.#pending, chunk.subarray(0, count)]);
    return true;
  }

  /** A reset counts as a close: a broker that drops a client with unread bytes causes one. */
  async #readSome(chunk: Uint8Array): Promise<number | null> {
    try {
      return await this.connection.read(chunk);
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BadResource) {
        return null;
      }
      if (error instanceof Deno.errors.Interrupted) return null;
      throw error;
    }
  }
}
