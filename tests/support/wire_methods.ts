/** The methods of AMQP 0-9-1 with RabbitMQ's extensions in one table: class, method, arguments in order. */

import { Reader, type Table, Writer } from "./wire_fields.ts";

const METHODS: Record<string, readonly [number, number, string]> = {
  "connection.start": [
    10,
    10,
    "octet:major octet:minor table:serverProperties longstr:mechanisms longstr:locales",
  ],
  "connection.start-ok": [
    10,
    11,
    "table:clientProperties shortstr:mechanism longstr:response shortstr:locale",
  ],
  "connection.secure": [10, 20, "longstr:challenge"],
  "connection.secure-ok": [10, 21, "longstr:response"],
  "connection.tune": [10, 30, "short:channelMax long:frameMax short:heartbeat"],
  "connection.tune-ok": [10, 31, "short:channelMax long:frameMax short:heartbeat"],
  "connection.open": [10, 40, "shortstr:virtualHost shortstr:reserved1 bit:reserved2"],
  "connection.open-ok": [10, 41, "shortstr:reserved1"],
  "connection.close": [10, 50, "short:code shortstr:text short:classId short:methodId"],
  "connection.close-ok": [10, 51, ""],
  "connection.blocked": [10, 60, "shortstr:reason"],
  "connection.unblocked": [10, 61, ""],
  "connection.update-secret": [10, 70, "longstr:newSecret shortstr:reason"],
  "connection.update-secret-ok": [10, 71, ""],
  "channel.open": [20, 10, "shortstr:reserved1"],
  "channel.open-ok": [20, 11, "longstr:reserved1"],
  "channel.flow": [20, 20, "bit:active"],
  "channel.flow-ok": [20, 21, "bit:active"],
  "channel.close": [20, 40, "short:code shortstr:text short:classId short:methodId"],
  "channel.close-ok": [20, 41, ""],
  "access.request": [30, 10, "shortstr:realm bit:exclusive bit:passive bit:active bit:write bit:read"],
  "access.request-ok": [30, 11, "short:ticket"],
  "exchange.declare": [
    40,
    10,
    "short:ticket shortstr:exchange shortstr:type bit:passive bit:durable bit:autoDelete bit:internal bit:noWait table:arguments",
  ],
  "exchange.declare-ok": [40, 11, ""],
  "exchange.delete": [40, 20, "short:ticket shortstr:exchange bit:ifUnused bit:noWait"],
  "exchange.delete-ok": [40, 21, ""],
  "exchange.bind": [
    40,
    30,
    "short:ticket shortstr:destination shortstr:source shortstr:routingKey bit:noWait table:arguments",
  ],
  "exchange.bind-ok": [40, 31, ""],
  "exchange.unbind": [
    40,
    40,
    "short:ticket shortstr:destination shortstr:source shortstr:routingKey bit:noWait table:arguments",
  ],
  "exchange.unbind-ok": [40, 51, ""],
  "queue.declare": [
    50,
    10,
    "short:ticket shortstr:queue bit:passive bit:durable bit:exclusive bit:autoDelete bit:noWait table:arguments",
  ],
  "queue.declare-ok": [50, 11, "shortstr:queue long:messageCount long:consumerCount"],
  "queue.bind": [
    50,
    20,
    "short:ticket shortstr:queue shortstr:exchange shortstr:routingKey bit:noWait table:arguments",
  ],
  "queue.bind-ok": [50, 21, ""],
  "queue.purge": [50, 30, "short:ticket shortstr:queue bit:noWait"],
  "queue.purge-ok": [50, 31, "long:messageCount"],
  "queue.delete": [50, 40, "short:ticket shortstr:queue bit:ifUnused bit:ifEmpty bit:noWait"],
  "queue.delete-ok": [50, 41, "long:messageCount"],
  "queue.unbind": [
    50,
    50,
    "short:ticket shortstr:queue shortstr:exchange shortstr:routingKey table:arguments",
  ],
  "queue.unbind-ok": [50, 51, ""],
  "basic.qos": [60, 10, "long:prefetchSize short:prefetchCount bit:global"],
  "basic.qos-ok": [60, 11, ""],
  "basic.consume": [
    60,
    20,
    "short:ticket shortstr:queue shortstr:consumerTag bit:noLocal bit:noAck bit:exclusive bit:noWait table:arguments",
  ],
  "basic.consume-ok": [60, 21, "shortstr:consumerTag"],
  "basic.cancel": [60, 30, "shortstr:consumerTag bit:noWait"],
  "basic.cancel-ok": [60, 31, "shortstr:consumerTag"],
  "basic.publish": [60, 40, "short:ticket shortstr:exchange shortstr:routingKey bit:mandatory bit:immediate"],
  "basic.return": [60, 50, "short:code shortstr:text shortstr:exchange shortstr:routingKey"],
  "basic.deliver": [
    60,
    60,
    "shortstr:consumerTag longlong:deliveryTag bit:redelivered shortstr:exchange shortstr:routingKey",
  ],
  "basic.get": [60, 70, "short:ticket shortstr:queue bit:noAck"],
  "basic.get-ok": [
    60,
    71,
    "longlong:deliveryTag bit:redelivered shortstr:exchange shortstr:routingKey long:messageCount",
  ],
  "basic.get-empty": [60, 72, "shortstr:reserved1"],
  "basic.ack": [60, 80, "longlong:deliveryTag bit:multiple"],
  "basic.reject": [60, 90, "longlong:deliveryTag bit:requeue"],
  "basic.recover-async": [60, 100, "bit:requeue"],
  "basic.recover": [60, 110, "bit:requeue"],
  "basic.recover-ok": [60, 111, ""],
  "basic.nack": [60, 120, "longlong:deliveryTag bit:multiple bit:requeue"],
  "tx.select": [90, 10, ""],
  "tx.select-ok": [90, 11, ""],
  "tx.commit": [90, 20, ""],
  "tx.commit-ok": [90, 21, ""],
  "tx.rollback": [90, 30, ""],
  "tx.rollback-ok": [90, 31, ""],
  "confirm.select": [85, 10, "bit:noWait"],
  "confirm.select-ok": [85, 11, ""],
};

/** The methods that are followed by a content header and a body. */
export const CONTENT = new Set(["basic.publish", "basic.return", "basic.deliver", "basic.get-ok"]);

export const METHOD_NAMES: readonly string[] = Object.keys(METHODS);

const NAMES = new Map(
  Object.entries(METHODS).map(([name, [classId, methodId]]) => [classId << 16 | methodId, name]),
);

/** `(60, 40)` → `basic.publish`; `(0, 0)`, as in an error without a method → `none`. */
export function methodName(classId: number, methodId: number): string {
  if (classId === 0 && methodId === 0) return "none";
  return NAMES.get(classId << 16 | methodId) ?? `${classId}.${methodId}`;
}

export type Arguments = Record<string, unknown>;
export type Method = { readonly name: string; readonly args: Arguments };

const shape = (name: string) => {
  const method = METHODS[name];
  if (!method) throw new TypeError(`No method '${name}'`);
  const [classId, methodId, fields] = method;
  const pairs = fields === "" ? [] : fields.split(" ").map((field) => field.split(":") as [string, string]);
  return { classId, methodId, pairs };
};

/** The payload of a method frame. Missing arguments are zero, false or empty. Unknown ones throw. */
export function encodeMethod(name: string, args: Arguments = {}): Uint8Array {
  const { classId, methodId, pairs } = shape(name);
  for (const key of Object.keys(args)) {
    if (!pairs.some(([, field]) => field === key)) throw new TypeError(`'${name}' has no argument '${key}'`);
  }
  const writer = new Writer().uint(2, classId).uint(2, methodId);
  let bits = 0, used = 0;
  const flush = () => {
    if (used > 0) writer.uint(1, bits);
    bits = used = 0;
  };
  for (const [type, field] of pairs) {
    const value = args[field];
    if (type === "bit") {
      if (value) bits |= 1 << used;
      used++;
      continue;
    }
    flush();
    if (type === "octet") writer.uint(1, value as number ?? 0);
    else if (type === "short") writer.uint(2, value as number ?? 0);
    else if (type === "long") writer.uint(4, value as number ?? 0);
    else if (type === "longlong") writer.uint(8, value as number ?? 0);
    else if (type === "shortstr") writer.shortString(value as string ?? "");
    else if (type === "longstr") writer.longString(value as string ?? "");
    else writer.table(value as Table ?? {});
  }
  flush();
  return writer.bytes;
}

export function decodeMethod(payload: Uint8Array): Method {
  const reader = new Reader(payload);
  const name = methodName(reader.uint(2), reader.uint(2));
  const args: Arguments = {};
  let bits = 0, used = 8;
  for (const [type, field] of shape(name).pairs) {
    if (type === "bit") {
      if (used === 8) [bits, used] = [reader.uint(1), 0];
      args[field] = (bits >> used++ & 1) === 1;
      continue;
    }
    used = 8;
    if (type === "octet") args[field] = reader.uint(1);
    else if (type === "short") args[field] = reader.uint(2);
    else if (type === "long") args[field] = reader.uint(4);
    else if (type === "longlong") args[field] = reader.uint64();
    else if (type === "shortstr") args[field] = reader.shortString();
    else if (type === "longstr") args[field] = reader.longString();
    else args[field] = reader.table();
  }
  return { name, args };
}

const PROPERTIES = [
  ["contentType", "shortstr"],
  ["contentEncoding", "shortstr"],
  ["headers", "table"],
  ["deliveryMode", "octet"],
  ["priority", "octet"],
  ["correlationId", "shortstr"],
  ["replyTo", "shortstr"],
  ["expiration", "shortstr"],
  ["messageId", "shortstr"],
  ["timestamp", "longlong"],
  ["type", "shortstr"],
  ["userId", "shortstr"],
  ["appId", "shortstr"],
  ["clusterId", "shortstr"],
] as const;

/** A message's properties. `timestamp` is in seconds, as on the wire. */
export type Properties = {
  [name in (typeof PROPERTIES)[number][0]]?: name extends "headers" ? Table
    : name extends "deliveryMode" | "priority" | "timestamp" ? number
    : string;
};

/** The payload of a content header frame of class basic. */
export function encodeHeader(properties: Properties, bodySize: number, classId = 60): Uint8Array {
  const values = new Writer();
  let flags = 0;
  PROPERTIES.forEach(([name, type], index) => {
    const value = properties[name];
    if (value === undefined) return;
    flags |= 1 << (15 - index);
    if (type === "shortstr") values.shortString(value as string);
    else if (type === "octet") values.uint(1, value as number);
    else if (type === "longlong") values.uint(8, value as number);
    else values.table(value as Table);
  });
  return new Writer().uint(2, classId).uint(2, 0).uint(8, bodySize).uint(2, flags).raw(values.bytes).bytes;
}

/** With `keepTypes`, the header table's values are read as `Typed`. */
export function decodeHeader(
  payload: Uint8Array,
  keepTypes = false,
): { properties: Properties; bodySize: number } {
  const reader = new Reader(payload, keepTypes);
  reader.raw(4);
  const bodySize = reader.uint64();
  const flags = reader.uint(2);
  const properties: Record<string, unknown> = {};
  PROPERTIES.forEach(([name, type], index) => {
    if ((flags & 1 << (15 - index)) === 0) return;
    if (type === "shortstr") properties[name] = reader.shortString();
    else if (type === "octet") properties[name] = reader.uint(1);
    else if (type === "longlong") properties[name] = reader.uint64();
    else properties[name] = reader.table();
  });
  return { properties: properties as Properties, bodySize };
}
