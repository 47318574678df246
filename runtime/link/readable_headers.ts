import { Buffer } from "node:buffer";
import { describeError } from "../core/errors.ts";
import { unreadableHeader } from "../core/moved_headers.ts";

/*
 * amqplib reads tables by recursion, and drops the connection over one that it cannot read, with all who share it. The
 * broker then delivers the same message again, and so for ever. So what it could not read is kept from it: such a
 * message comes without its headers, but for one that says why.
 */

/** What amqplib reads frames with: `recvFrame` takes the first one off `rest`, what has arrived, once it is complete. */
export interface FrameReader {
  rest: Buffer;
  recvFrame(): unknown;
}

/** Tables and lists in one another: the same as for a JSON body, and far less than what exhausts the stack. */
const mostDepth = 1000;

const headBytes = 7;
const contentHeader = 2;
// Of a content header: class, weight, body size; then a bit for each property that is there, in their order.
const flagsAt = headBytes + 12;
const [hasContentType, hasContentEncoding, hasHeaders] = [1 << 15, 1 << 14, 1 << 13];

/** Keeps headers from amqplib that it cannot read. */
export function keepHeadersReadable(frames: FrameReader): void {
  const receive = frames.recvFrame.bind(frames);
  frames.recvFrame = () => {
    const { rest } = frames;
    const table = tableIn(rest);
    if (table === undefined) return receive();
    if (deeperThan(mostDepth, rest, table)) {
      frames.rest = without(table, rest, `they are nested deeper than ${mostDepth}`);
    }
    try {
      return receive();
    } catch (error) {
      frames.rest = without(table, rest, describeError(error));
      return receive();
    }
  };
}

/** From where to where in the bytes the headers are: behind their length, which is 4 bytes. */
interface Table {
  readonly start: number;
  readonly end: number;
}

/** The headers of the first frame, if it is a complete content header that has some. */
function tableIn(bytes: Buffer): Table | undefined {
  if (bytes.length < flagsAt + 2 || bytes[0] !== contentHeader) return undefined;
  const frameEnd = headBytes + bytes.readUInt32BE(3);
  if (bytes.length <= frameEnd) return undefined;
  const flags = bytes.readUInt16BE(flagsAt);
  if ((flags & hasHeaders) === 0) return undefined;
  let at = flagsAt + 2;
  if (flags & hasContentType) at += 1 + bytes[at]!;
  if (flags & hasContentEncoding) at += 1 + bytes[at]!;
  if (at + 4 > frameEnd) return undefined;
  const table = { start: at + 4, end: at + 4 + bytes.readUInt32BE(at) };
  return table.end <= frameEnd ? table : undefined;
}

// Bytes of a value by its type; the others begin with their length.
const sizes: Readonly<Record<string, number>> = {
  ...{ V: 0, t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, f: 4, D: 5 },
  ...{ l: 8, L: 8, d: 8, T: 8 },
};
// An empty list in a list is the least that a level takes.
const leastBytes = 5;

/** Whether a table has more tables and lists in one another. What is not well formed is left to amqplib. */
function deeperThan(most: number, bytes: Buffer, { start, end }: Table): boolean {
  if (end - start <= most * leastBytes) return false;
  const open: { readonly end: number; readonly named: boolean }[] = [{ end, named: true }];
  for (let at = start; open.length > 0;) {
    const inside = open.at(-1)!;
    if (at >= inside.end) {
      open.pop();
      continue;
    }
    if (inside.named) at += 1 + bytes[at]!;
    const type = String.fromCharCode(bytes[at++] ?? 0);
    const size = sizes[type];
    if (size !== undefined) {
      at += size;
      continue;
    }
    if (at + 4 > end) return false;
    const length = bytes.readUInt32BE(at);
    at += 4;
    if (type !== "F" && type !== "A") {
      at += length;
      continue;
    }
    if (open.length > most) return true;
    open.push({ end: at + length, named: type === "F" });
  }
  return false;
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
