import { Buffer } from "node:buffer";
import { BASIC_CLASS, Frame, FRAME_END } from "../amqp/method.ts";
import { Arriving, endBytes, type FrameReader, headBytes, isDecided } from "./arriving.ts";
import { contentHeadBytes } from "./content_frames.ts";
import { ReceivedProperties } from "./properties.ts";

/*
 * amqplib decodes each message's properties when it arrives, loses some details, and drops the whole connection if it
 * cannot decode them. So Hopper keeps their bytes, and decodes them itself when they are read.
 */

/** A content header in amqplib's form. Its `fields` become the message's properties. */
export interface ContentHeader {
  readonly id: typeof BASIC_CLASS;
  readonly channel: number;
  /** The size of the body, in bytes. */
  readonly size: number;
  readonly fields: ReceivedProperties;
}

/**
 * The most bytes of headers that are decoded. A publisher's headers fit one frame, but a broker adds to them without
 * limit and sends them in one longer frame: each queue that dead-letters a message adds all its routing keys.
 */
const maxHeaderBytes = 2 ** 20;

/** The start of a content header of the class basic. */
const classAndWeight = Buffer.of(0, BASIC_CLASS, 0, 0);
const sizeAt = headBytes + classAndWeight.length;
const flagsAt = headBytes + contentHeadBytes;
const [hasContentType, hasContentEncoding, hasHeaders] = [1 << 15, 1 << 14, 1 << 13];
const maxShortString = 256;
/** amqplib's value for "no limit". */
const noLimit = 0;
/** With this many bytes of a frame, it is known where its headers begin. */
const enoughBytes = flagsAt + 2 + 2 * maxShortString + 4;

/** Reads content headers instead of amqplib, also those that are longer than agreed with the broker. */
export function readContentHeaders(frames: FrameReader): void {
  const receive = frames.recvFrame.bind(frames);
  const agreed = frames.maxFrameSize;
  const arriving = new Arriving(frames);
  /** How many bytes of skipped headers have not arrived yet. */
  let skip = 0;
  /** Why the headers of the next message are skipped. */
  let unread: string | undefined;

  frames.recvFrame = () => {
    for (;;) {
      if (skip > 0) {
        if (!skipArrived()) return false;
        continue;
      }
      const { rest } = frames;
      if (isCompleteHeader(rest) && rest.readUInt32BE(3) <= maxHeaderBytes) return take(rest);
      const table = tableIn(rest);
      frames.maxFrameSize = mayBeLonger(rest, table) ? noLimit : agreed;
      const length = table === undefined ? 0 : table.end - table.start;
      if (length > maxHeaderBytes) {
        skip = Math.max(0, table!.end - rest.length);
        unread = `they are ${length} bytes long; Hopper reads at most ${maxHeaderBytes}`;
        frames.rest = without(table!, rest);
        continue;
      }
      if (isCompleteHeader(rest)) return take(rest);
      if (isDecided(rest, frames.maxFrameSize)) return receive();
      if (!arriving.more()) return false;
    }
  };

  /** `false` if nothing more has arrived. */
  function skipArrived(): boolean {
    const arrived = arriving.take();
    if (arrived === null) return false;
    frames.rest = Buffer.concat([frames.rest, arrived.subarray(skip)]);
    skip = Math.max(0, skip - arrived.length);
    return true;
  }

  function take(bytes: Buffer): ContentHeader {
    const header = parseHeader(bytes, unread);
    unread = undefined;
    frames.rest = bytes.subarray(headBytes + bytes.readUInt32BE(3) + endBytes);
    return header;
  }
}

function parseHeader(bytes: Buffer, unread: string | undefined): ContentHeader {
  return {
    id: BASIC_CLASS,
    channel: bytes.readUInt16BE(1),
    size: bytes.readUInt32BE(sizeAt) * 2 ** 32 + bytes.readUInt32BE(sizeAt + 4),
    fields: new ReceivedProperties(bytes.subarray(flagsAt, headBytes + bytes.readUInt32BE(3)), unread),
  };
}

/** Whether the first frame is a complete content header. amqplib handles all other frames. */
function isCompleteHeader(bytes: Buffer): boolean {
  if (bytes.length < flagsAt || bytes[0] !== Frame.Header) return false;
  const end = headBytes + bytes.readUInt32BE(3);
  return bytes.length > end && bytes[end] === FRAME_END && bytes.readUInt16BE(headBytes) === BASIC_CLASS;
}

/**
 * Whether the first frame may be a content header, judging by the bytes that have arrived. Only such a frame may be
 * longer than agreed: any other long frame is damaged data, and waiting for its end would take for ever.
 */
function mayBeLonger(bytes: Buffer, table: Table | undefined): boolean {
  if (bytes[0] !== Frame.Header) return false;
  const head = bytes.subarray(headBytes, headBytes + classAndWeight.length);
  if (!head.equals(classAndWeight.subarray(0, head.length))) return false;
  return table !== undefined || bytes.length < enoughBytes;
}

/** The place of the headers in the bytes, after the 4 bytes of their length. */
interface Table {
  readonly start: number;
  readonly end: number;
}

/** The place of the first frame's headers; `undefined` if it has none, or if not enough has arrived. */
function tableIn(bytes: Buffer): Table | undefined {
  if (bytes.length < flagsAt + 2 || bytes[0] !== Frame.Header) return undefined;
  const frameEnd = headBytes + bytes.readUInt32BE(3);
  const flags = bytes.readUInt16BE(flagsAt);
  if ((flags & hasHeaders) === 0) return undefined;
  let at = flagsAt + 2;
  if (flags & hasContentType) at += 1 + (bytes[at] ?? 0);
  if (flags & hasContentEncoding) at += 1 + (bytes[at] ?? 0);
  if (at + 4 > Math.min(frameEnd, bytes.length)) return undefined;
  const table = { start: at + 4, end: at + 4 + bytes.readUInt32BE(at) };
  return table.end <= frameEnd ? table : undefined;
}

/** The same bytes without the headers of the first frame. */
function without({ start, end }: Table, bytes: Buffer): Buffer {
  const left = Buffer.concat([bytes.subarray(0, start - 4), bytes.subarray(end)]);
  left.writeUInt32BE(bytes.readUInt32BE(3) - (end - start + 4), 3);
  left.writeUInt16BE(bytes.readUInt16BE(flagsAt) & ~hasHeaders, flagsAt);
  return left;
}
