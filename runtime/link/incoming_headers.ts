import { Buffer } from "node:buffer";
import { BASIC_CLASS, Frame, FRAME_END } from "../amqp/method.ts";
import { contentHeadBytes } from "./content_frames.ts";
import { ReceivedProperties } from "./properties.ts";

/*
 * amqplib reads each message's properties as it comes, with loss, and drops the connection over those it cannot read,
 * with all who share it. So they are read here, when somebody asks for them, and the bytes are kept.
 */

/** What amqplib reads frames with: `recvFrame` takes the first one off `rest`, what has arrived, once it is complete. */
export interface FrameReader {
  rest: Buffer;
  /** Bytes of the longest frame that it takes for one. */
  maxFrameSize: number;
  /** Whether something arrived, which is a sign of life. */
  recvSinceLastCheck: boolean;
  readonly stream: { read(): Buffer | null };
  recvFrame(): unknown;
}

/** A content header as amqplib has it; its `fields` become the message's properties. */
export interface ContentHeader {
  readonly id: typeof BASIC_CLASS;
  readonly channel: number;
  /** Bytes of the body. */
  readonly size: number;
  readonly fields: ReceivedProperties;
}

/**
 * Bytes of headers that are read. A publisher's fit into one frame; a broker adds to them, and sends them in one frame
 * still. With no end: each queue that dead-letters a message notes in it all keys that it came by.
 */
const maxHeaderBytes = 2 ** 20;

const headBytes = 7;
const endBytes = 1;
/** Of class basic. */
const classAndWeight = Buffer.of(0, BASIC_CLASS, 0, 0);
const sizeAt = headBytes + classAndWeight.length;
const flagsAt = headBytes + contentHeadBytes;
const [hasContentType, hasContentEncoding, hasHeaders] = [1 << 15, 1 << 14, 1 << 13];
const maxShortString = 256;
/** What amqplib takes for no limit. */
const noLimit = 0;
/** So many bytes of a frame say where its headers begin. */
const enoughBytes = flagsAt + 2 + 2 * maxShortString + 4;

/** Reads content headers in amqplib's place, also one that is longer than was agreed on. */
export function readContentHeaders(frames: FrameReader): void {
  const receive = frames.recvFrame.bind(frames);
  const agreed = frames.maxFrameSize;
  /** Bytes that are still to come of headers that are not read. */
  let skip = 0;
  /** Why the headers of the next message are not read. */
  let unread: string | undefined;

  frames.recvFrame = () => {
    while (skip > 0) {
      const incoming = frames.stream.read();
      if (incoming === null) return false;
      frames.recvSinceLastCheck = true;
      frames.rest = Buffer.concat([frames.rest, incoming.subarray(skip)]);
      skip = Math.max(0, skip - incoming.length);
    }
    const { rest } = frames;
    if (isCompleteHeader(rest) && rest.readUInt32BE(3) <= maxHeaderBytes) return take(rest);
    const table = tableIn(rest);
    frames.maxFrameSize = mayBeLonger(rest, table) ? noLimit : agreed;
    const length = table === undefined ? 0 : table.end - table.start;
    if (length > maxHeaderBytes) {
      skip = Math.max(0, table!.end - rest.length);
      unread = `they are ${length} bytes long; at most ${maxHeaderBytes} are read`;
      frames.rest = without(table!, rest);
      return frames.recvFrame();
    }
    return isCompleteHeader(rest) ? take(rest) : receive();
  };

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

/** Whether the first frame is a content header that has come whole; amqplib tells what is none. */
function isCompleteHeader(bytes: Buffer): boolean {
  if (bytes.length < flagsAt || bytes[0] !== Frame.Header) return false;
  const end = headBytes + bytes.readUInt32BE(3);
  return bytes.length > end && bytes[end] === FRAME_END && bytes.readUInt16BE(headBytes) === BASIC_CLASS;
}

/**
 * Whether the first frame, whatever its length, may be a content header, by all that has come of it. Other frames are
 * never longer than was agreed on: what says so is noise, which an endless wait would not notice.
 */
function mayBeLonger(bytes: Buffer, table: Table | undefined): boolean {
  if (bytes[0] !== Frame.Header) return false;
  const head = bytes.subarray(headBytes, headBytes + classAndWeight.length);
  if (!head.equals(classAndWeight.subarray(0, head.length))) return false;
  return table !== undefined || bytes.length < enoughBytes;
}

/** From where to where in the bytes the headers are: behind their length, which is 4 bytes. */
interface Table {
  readonly start: number;
  readonly end: number;
}

/** The headers of the first frame, if it is a content header that has some, once it has come so far. */
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

/** The same bytes, where the first frame has no headers. */
function without({ start, end }: Table, bytes: Buffer): Buffer {
  const left = Buffer.concat([bytes.subarray(0, start - 4), bytes.subarray(end)]);
  left.writeUInt32BE(bytes.readUInt32BE(3) - (end - start + 4), 3);
  left.writeUInt16BE(bytes.readUInt16BE(flagsAt) & ~hasHeaders, flagsAt);
  return left;
}
