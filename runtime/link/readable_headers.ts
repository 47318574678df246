import { Buffer } from "node:buffer";
import { describeError } from "../core/errors.ts";
import { unreadableHeader } from "../core/moved_headers.ts";
import { contentHeadBytes } from "./content_frames.ts";
import { deeperThan } from "./field_table.ts";

/*
 * amqplib drops the connection over a message whose headers it cannot read, with all who share it, and the broker then
 * delivers the same message again, and so for ever. So what it could not read is kept from it: such a message comes
 * without its headers, but for one that says why.
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

/** Tables and lists in one another: the same as for a JSON body, and far less than what exhausts the stack. */
const mostDepth = 1000;

/**
 * Bytes of headers that are read. A publisher's fit into one frame; a broker adds to them, and sends them in one frame
 * still. With no end: each queue that dead-letters a message notes in it all keys that it came by.
 */
const mostHeaderBytes = 2 ** 20;

const headBytes = 7;
const contentHeader = 2;
/** Of class basic, whose number is 60. */
const classAndWeight = Buffer.of(0, 60, 0, 0);
const flagsAt = headBytes + contentHeadBytes;
const [hasContentType, hasContentEncoding, hasHeaders] = [1 << 15, 1 << 14, 1 << 13];
const longestShortString = 256;
/** What amqplib takes for no limit. */
const noLimit = 0;
/** So many bytes of a frame say where its headers begin. */
const enoughBytes = flagsAt + 2 + 2 * longestShortString + 4;

const encoded = Symbol("The properties as they came");

/** The bytes of a message's properties, as its content header had them. */
export function encodedIn(properties: object): Uint8Array | undefined {
  return (properties as { [encoded]?: Uint8Array })[encoded];
}

/**
 * Keeps from amqplib the headers that it cannot read, lets it have a content header that is longer than was agreed on,
 * and keeps the bytes of each.
 */
export function keepHeadersReadable(frames: FrameReader): void {
  const receive = frames.recvFrame.bind(frames);
  const agreed = frames.maxFrameSize;
  /** Bytes that are still to come of headers that are not read. */
  let skip = 0;

  const receiveHeader = () => {
    const { rest } = frames;
    const properties = rest.subarray(flagsAt, headBytes + rest.readUInt32BE(3));
    const frame = receive() as { fields: { [encoded]?: Uint8Array } };
    frame.fields[encoded] = properties;
    return frame;
  };

  frames.recvFrame = () => {
    while (skip > 0) {
      const incoming = frames.stream.read();
      if (incoming === null) return false;
      frames.recvSinceLastCheck = true;
      frames.rest = Buffer.concat([frames.rest, incoming.subarray(skip)]);
      skip = Math.max(0, skip - incoming.length);
    }
    const { rest } = frames;
    const table = tableIn(rest);
    frames.maxFrameSize = mayBeLonger(rest, table) ? noLimit : agreed;
    const length = table === undefined ? 0 : table.end - table.start;
    if (length > mostHeaderBytes) {
      skip = Math.max(0, table!.end - rest.length);
      frames.rest = without(
        table!,
        rest,
        `they are ${length} bytes long; at most ${mostHeaderBytes} are read`,
      );
      return frames.recvFrame();
    }
    if (!isCompleteHeader(rest)) return receive();
    if (table === undefined) return receiveHeader();
    if (deeperThan(mostDepth, rest, table.start, table.end)) {
      frames.rest = without(table, rest, `they are nested deeper than ${mostDepth}`);
    }
    try {
      return receiveHeader();
    } catch (error) {
      frames.rest = without(table, rest, describeError(error));
      return receiveHeader();
    }
  };
}

function isCompleteHeader(bytes: Buffer): boolean {
  return bytes.length > headBytes && bytes[0] === contentHeader &&
    bytes.length > headBytes + bytes.readUInt32BE(3);
}

/**
 * Whether the first frame, whatever its length, may be a content header, by all that has come of it. Other frames are
 * never longer than was agreed on: what says so is noise, which an endless wait would not notice.
 */
function mayBeLonger(bytes: Buffer, table: Table | undefined): boolean {
  if (bytes[0] !== contentHeader) return false;
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
  if (bytes.length < flagsAt + 2 || bytes[0] !== contentHeader) return undefined;
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

/** The same bytes, where the first frame's headers are one that says why they are not there. */
function without({ start, end }: Table, bytes: Buffer, reason: string): Buffer {
  const name = Buffer.from(unreadableHeader);
  const value = Buffer.from(reason);
  const table = Buffer.concat([
    Buffer.of(name.length),
    name,
    Buffer.from("S"),
    long(value.length),
    value,
  ]);
  const size = bytes.readUInt32BE(3) - (end - start) + table.length;
  return Buffer.concat([
    bytes.subarray(0, 3),
    long(size),
    bytes.subarray(headBytes, start - 4),
    long(table.length),
    table,
    bytes.subarray(end),
  ]);
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
