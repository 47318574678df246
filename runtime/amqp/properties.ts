import { Buffer } from "node:buffer";
import { Output } from "./output.ts";
import { Reader } from "./reader.ts";
import { readTable, type Table, writeTable } from "./table.ts";

/** A message's properties, exactly as in their bytes: text with one character per byte, numbers with their wire types. */
export interface Properties {
  contentType?: string;
  contentEncoding?: string;
  headers?: Table;
  deliveryMode?: number;
  priority?: number;
  correlationId?: string;
  replyTo?: string;
  expiration?: string;
  messageId?: string;
  timestamp?: bigint;
  type?: string;
  userId?: string;
  appId?: string;
  clusterId?: string;
}

export type PropertyName = keyof Properties;

type Kind = "text" | "table" | "octet" | "timestamp";

/** The properties in wire order; the first has the highest flag bit. */
export const FIELDS: readonly (readonly [PropertyName, Kind])[] = [
  ["contentType", "text"],
  ["contentEncoding", "text"],
  ["headers", "table"],
  ["deliveryMode", "octet"],
  ["priority", "octet"],
  ["correlationId", "text"],
  ["replyTo", "text"],
  ["expiration", "text"],
  ["messageId", "text"],
  ["timestamp", "timestamp"],
  ["type", "text"],
  ["userId", "text"],
  ["appId", "text"],
  ["clusterId", "text"],
];

/** The bit that says whether the property with this index is present. */
export const flag = (index: number) => 1 << (15 - index);

/** Reads which properties are present. */
export function readFlags(reader: Reader): number {
  const flags = reader.short();
  // The lowest bit announces another word of flags. No such flags are defined, so they are skipped.
  if (flags & 1) { while (reader.short() & 1); }
  return flags;
}

export function decodeProperties(bytes: Buffer, start: number, size: number): Properties {
  const reader = new Reader(bytes, start, start + size);
  const flags = readFlags(reader);
  const properties: Record<string, unknown> = {};
  FIELDS.forEach(([name, kind], index) => {
    if (flags & flag(index)) properties[name] = readProperty(reader, kind);
  });
  return properties as Properties;
}

function readProperty(reader: Reader, kind: Kind): unknown {
  switch (kind) {
    case "text":
      return reader.shortString();
    case "octet":
      return reader.octet();
    case "table":
      return readTable(reader);
    case "timestamp": {
      const at = reader.at;
      reader.skip(8);
      return reader.bytes.readBigUInt64BE(at);
    }
  }
}

export function encodeProperties(properties: Properties): Buffer {
  const out = new Output();
  let flags = 0;
  out.short(0);
  FIELDS.forEach(([name, kind], index) => {
    const value = properties[name];
    if (value === undefined) return;
    flags |= flag(index);
    if (kind === "text") out.shortString(value as string);
    else if (kind === "octet") out.octet(value as number);
    else if (kind === "timestamp") out.bigint(value as bigint);
    else writeTable(out, value as Table);
  });
  out.bytes.writeUInt16BE(flags, 0);
  return out.copy();
}
