import { Buffer } from "node:buffer";
import { AmqpError, Malformed } from "../errors.ts";
import { Output } from "./output.ts";
import { Reader } from "./reader.ts";
import { readTable, type Table, tableHas, writeTable } from "./table.ts";

/**
 * What the broker itself wants to know of a message's properties. The properties stay the bytes that came;
 * they are decoded and encoded again only where they have to change.
 */
export interface Traits {
  readonly persistent: boolean;
  readonly priority: number;
  /** Per-message time to live in milliseconds, -1 for none. */
  readonly ttl: number;
  readonly replyTo: string | undefined;
  readonly userId: string | undefined;
  /** Whether the headers name further routing keys, in CC or BCC. */
  readonly copies: boolean;
}

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

type Kind = "text" | "table" | "octet" | "timestamp";

/** The properties in wire order; the first has the highest flag bit. */
const FIELDS: readonly (readonly [keyof Properties, Kind])[] = [
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

const flag = (index: number) => 1 << (15 - index);
const HEADERS = 2, DELIVERY_MODE = 3, PRIORITY = 4, REPLY_TO = 6, EXPIRATION = 7, USER_ID = 11;

const MAX_TTL = 0xffffffff;

/** Finds the fields the broker acts on, skipping the others. Throws what RabbitMQ answers to a bad one. */
export function locate(bytes: Buffer, start: number, size: number): Traits {
  const reader = new Reader(bytes, start, start + size);
  const flags = readFlags(reader);
  let persistent = false, priority = 0, copies = false;
  let expiration: string | undefined, replyTo: string | undefined, userId: string | undefined;
  for (let index = 0; index < FIELDS.length; index++) {
    if ((flags & flag(index)) === 0) continue;
    switch (index) {
      case HEADERS: {
        const at = reader.at;
        copies = tableHas(reader, "CC");
        if (!copies) {
          reader.at = at;
          copies = tableHas(reader, "BCC");
        }
        reader.at = at;
        reader.skip(reader.long());
        break;
      }
      case DELIVERY_MODE:
        persistent = reader.octet() === 2;
        break;
      case PRIORITY:
        priority = reader.octet();
        break;
      case REPLY_TO:
        replyTo = reader.shortString();
        break;
      case EXPIRATION:
        expiration = reader.shortString();
        break;
      case USER_ID:
        userId = reader.shortString();
        break;
      default:
        reader.skip(FIELDS[index]![1] === "timestamp" ? 8 : reader.octet());
    }
  }
  if (reader.left > 0) throw new Malformed("Bytes are left behind the last property");
  const ttl = expiration === undefined ? -1 : parseExpiration(expiration);
  return { persistent, priority, ttl, replyTo, userId, copies };
}

/** Whether one may stand for the other. */
export function sameTraits(a: Traits, b: Traits): boolean {
  return a.persistent === b.persistent && a.priority === b.priority && a.ttl === b.ttl &&
    a.replyTo === b.replyTo && a.userId === b.userId && a.copies === b.copies;
}

function readFlags(reader: Reader): number {
  const flags = reader.short();
  // The lowest bit announces another word of flags, of which none is defined.
  if (flags & 1) { while (reader.short() & 1); }
  return flags;
}

function parseExpiration(text: string): number {
  const fail = (reason: string) =>
    new AmqpError("precondition_failed", `invalid expiration '${text}': ${reason}`);
  const match = /^([+-]?\d+)(.*)$/s.exec(text);
  if (!match) throw fail("no_integer");
  const [, digits, rest] = match;
  if (rest) throw fail(`{leftover_string,${JSON.stringify(rest)}}`);
  const value = Number(digits);
  if (value > MAX_TTL) throw fail(`{value_too_large,${BigInt(digits!)}}`);
  if (value < 0) throw fail(`{value_negative,${value}}`);
  return value;
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
