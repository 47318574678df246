import { Buffer } from "node:buffer";
import { Output } from "../amqp/output.ts";
import { FIELDS, flag, type PropertyName } from "../amqp/properties.ts";
import { At, PropertyBytes } from "../amqp/property_bytes.ts";
import type { Outgoing } from "../core/ports/amqp.ts";
import type { Headers } from "../core/ports/headers.ts";
import type { Properties } from "../core/api/message.ts";
import { writeShortString } from "./short_string.ts";

// The names of properties in error messages.
const shown: Partial<Record<PropertyName, string>> = {
  contentType: "content type",
  contentEncoding: "content encoding",
  correlationId: "correlation id",
  replyTo: "reply address",
  messageId: "message id",
  userId: "user id",
  appId: "app id",
};

type Source = Pick<Outgoing, "properties" | "came" | "passesOn">;

// The properties in wire order, by Hopper's names for them.
const fields = FIELDS.map(([name], index) => ({
  name,
  ours: (name === "deliveryMode" ? "persistent" : name) as keyof Properties,
  bit: flag(index),
}));

/**
 * Writes a message's properties for a content header: flags, then values. Throws an error that says which property AMQP
 * cannot carry.
 */
export function writeProperties(out: Output, { properties, came, passesOn = false }: Source): void {
  const before = came && new PropertyBytes(bufferOf(came));
  const start = out.at;
  let flags = 0;
  out.short(0);
  for (let index = 0; index < fields.length; index++) {
    const { name, ours, bit } = fields[index]!;
    const value = properties[ours];
    if (value === undefined && before === undefined) continue;
    const part = before && partOf(before, index, ours, value, properties, passesOn);
    if (part === undefined && value === undefined) continue;
    flags |= bit;
    if (part) out.raw(part);
    else write(out, name, value);
  }
  out.bytes.writeUInt16BE(flags, start);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The bytes of a property in the message that this one answers or passes on, if they are sent themselves. */
function partOf(
  before: PropertyBytes,
  index: number,
  ours: keyof Properties,
  value: unknown,
  properties: Readonly<Properties>,
  passesOn: boolean,
): Buffer | undefined {
  if (value !== undefined || Object.hasOwn(properties, ours)) {
    return isSame(before, index, value) ? before.part(index) : undefined;
  }
  // RabbitMQ accepts only the user id of the user that publishes.
  return passesOn && ours !== "userId" ? before.part(index) : undefined;
}

/** Whether the bytes decode to this value. If so they are sent themselves: they may hold more, such as invalid UTF-8. */
function isSame(before: PropertyBytes, index: number, value: unknown): boolean {
  if (typeof value === "string") return before.text(index) === value;
  return index === At.timestamp && value !== undefined && Number(before.timestamp()) === value;
}

function write(out: Output, name: PropertyName, value: unknown): void {
  switch (name) {
    case "headers": {
      const { bytes } = value as Headers;
      return out.long(bytes.length).raw(bytes).done();
    }
    case "deliveryMode":
      return out.octet(value ? 2 : 1).done();
    case "priority":
      if (Number.isInteger(value) && value as number >= 0 && value as number <= 255) {
        return out.octet(value as number).done();
      }
      throw new RangeError(`The priority is ${value}; AMQP carries whole numbers from 0 to 255`);
    case "timestamp":
      return out.bigint(BigInt(value as number)).done();
    case "expiration":
      return writeShortString(out, String(value), name);
    default:
      return writeShortString(out, value, shown[name] ?? name);
  }
}
