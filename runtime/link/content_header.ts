import type { Buffer } from "node:buffer";
import type { Carried } from "../core/link.ts";
import type { Properties } from "../core/message.ts";
import { FieldWriter } from "./field_writer.ts";
import { tableEntries } from "./field_table.ts";

/** Where in the bytes of a message's properties one of them is. */
interface Span {
  readonly start: number;
  readonly end: number;
}

type Name = keyof Properties | "clusterId";

// In the order of the wire; the first has the highest bit.
const names: readonly Name[] = [
  ...["contentType", "contentEncoding", "headers", "persistent", "priority", "correlationId"] as const,
  ...["replyTo", "expiration", "messageId", "timestamp", "type", "userId", "appId", "clusterId"] as const,
];

const bitOf = (index: number) => 1 << (15 - index);
const flagBytes = 2;

// What an error calls them.
const shown: Partial<Record<Name, string>> = {
  contentType: "content type",
  contentEncoding: "content encoding",
  correlationId: "correlation id",
  replyTo: "reply address",
  messageId: "message id",
  userId: "user id",
  appId: "app id",
};

/**
 * A message's properties as a content header has them: flags, then values, in `most` bytes at most. What is the same
 * as in `carried`, header by header, goes along in the bytes it came in. Throws `DoesNotFit`, or an error that says
 * which of them AMQP cannot carry.
 */
export function encodeProperties(properties: Readonly<Properties>, most: number, carried?: Carried): Buffer {
  const writer = new FieldWriter(most);
  const spans = carried?.encoded ? spansOf(carried.encoded) : undefined;
  let flags = 0;
  writer.octet(0);
  writer.octet(0);
  names.forEach((name, index) => {
    if (name === "clusterId") return;
    const value = properties[name];
    if (value === undefined) return;
    flags |= bitOf(index);
    const span = spans?.get(name);
    if (span === undefined) return write(writer, name, value);
    if (name === "headers") return writeHeaders(writer, properties.headers!, carried!, span);
    if (value === carried!.properties[name]) {
      return writer.raw(carried!.encoded!.subarray(span.start, span.end));
    }
    write(writer, name, value);
  });
  writer.bytes.writeUInt16BE(flags, 0);
  return writer.bytes;
}

function write(writer: FieldWriter, name: keyof Properties, value: unknown): void {
  switch (name) {
    case "headers":
      return writer.table(value as Record<string, unknown>);
    case "persistent":
      return writer.octet(value ? 2 : 1);
    case "priority":
      return writer.octet(value as number);
    case "timestamp":
      return writer.timestamp(value as number);
    case "expiration":
      return writer.shortString(String(value), name);
    default:
      return writer.shortString(value, shown[name] ?? name);
  }
}

function writeHeaders(
  writer: FieldWriter,
  headers: Readonly<Record<string, unknown>>,
  carried: Carried,
  span: Span,
): void {
  const { encoded, properties: { headers: before = {} } } = carried;
  const same = new Set(Object.keys(headers).filter((name) => headers[name] === before[name]));
  const entries = tableEntries(encoded!.subarray(span.start, span.end));
  if (entries === undefined) return writer.table(headers);
  const others = Object.entries(headers).filter(([name]) => !same.has(name));
  writer.table(Object.fromEntries(others), () => {
    for (const { name, bytes } of entries) if (same.has(name)) writer.raw(bytes);
  });
}

/** Where each property is that is there. */
function spansOf(encoded: Uint8Array): Map<Name, Span> {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const flags = view.getUint16(0);
  const spans = new Map<Name, Span>();
  let start = flagBytes;
  names.forEach((name, index) => {
    if ((flags & bitOf(index)) === 0) return;
    const end = start + sizeOf(name, view, start);
    spans.set(name, { start, end });
    start = end;
  });
  return spans;
}

function sizeOf(name: Name, view: DataView, at: number): number {
  if (name === "headers") return 4 + view.getUint32(at);
  if (name === "timestamp") return 8;
  return name === "persistent" || name === "priority" ? 1 : 1 + view.getUint8(at);
}
