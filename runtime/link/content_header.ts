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

/**
 * Encodes a message's properties for a content header: flags, then values. Throws an error that says which property AMQP
 * cannot carry.
 */
export function encodeProperties({ properties, came, passesOn = false }: Source): Buffer {
  const before = came && new PropertyBytes(Buffer.from(came.buffer, came.byteOffset, came.byteLength));
  const out = new Output();
  let flags = 0;
  out.short(0);
  FIELDS.forEach(([name], index) => {
    const ours = name === "deliveryMode" ? "persistent" : name;
    const value = properties[ours as keyof Properties];
    const part = Object.hasOwn(properties, ours)
      ? before && isSame(before, index, value) ? before.part(index) : undefined
      // RabbitMQ accepts only the user id of the user that publishes.
      : passesOn && name !== "userId"
      ? before?.part(index)
      : undefined;
    if (part === undefined && value === undefined) return;
    flags |= flag(index);
    if (part) out.raw(part);
    else write(out, name, value);
  });
  out.bytes.writeUInt16BE(flags, 0);
  return out.bytes.subarray(0, out.at);
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
