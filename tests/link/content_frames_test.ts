import assert from "node:assert/strict";
import fc from "fast-check";
import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import type { Outgoing } from "../../runtime/core/ports/amqp.ts";
import type { Properties } from "../../runtime/core/api/message.ts";
import { publishFrames } from "../../runtime/link/content_frames.ts";
import { BODY, concat, HEADER, METHOD } from "../support/wire_client.ts";
import { Writer } from "../support/wire_fields.ts";
import { decodeHeader, decodeMethod } from "../support/wire_methods.ts";

type Given = Omit<Properties, "headers"> & { headers?: Record<string, unknown> };

const message = ({ headers, ...properties }: Given, rest: Partial<Outgoing> = {}): Outgoing => ({
  exchange: "shop",
  routingKey: "order.new",
  body: new TextEncoder().encode("body"),
  properties: headers ? { ...properties, headers: HeaderTable.of(headers) } : properties,
  ...rest,
});

interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly payload: Uint8Array;
}

/** Splits bytes into frames, and checks the end of each. */
function framesIn(bytes: Uint8Array): Frame[] {
  bytes = new Uint8Array(bytes);
  const view = new DataView(bytes.buffer);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 7 + view.getUint32(at + 3);
    assert.equal(bytes[end], 0xce);
    frames.push({ type: bytes[at]!, channel: view.getUint16(at + 1), payload: bytes.subarray(at + 7, end) });
    at = end + 1;
  }
  return frames;
}

const headerOf = (outgoing: Outgoing, frameMax = 131_072) =>
  framesIn(publishFrames(7, frameMax, outgoing))[1]!.payload;

Deno.test("A message is written as a method, a header, and a body in frames of the agreed size", () => {
  for (
    const [size, parts] of [[0, []], [1, [1]], [4088, [4088]], [4089, [4088, 1]], [9000, [
      4088,
      4088,
      824,
    ]]] as const
  ) {
    const body = crypto.getRandomValues(new Uint8Array(size));
    const [method, header, ...bodies] = framesIn(
      publishFrames(7, 4096, message({ messageId: "m1" }, { body })),
    );

    assert.deepEqual([method!.type, header!.type], [METHOD, HEADER]);
    assert.deepEqual(
      bodies.map(({ type, channel, payload }) => [type, channel, payload.length]),
      parts.map((part) => [BODY, 7, part]),
    );
    assert.deepEqual(decodeMethod(method!.payload), {
      name: "basic.publish",
      args: { ticket: 0, exchange: "shop", routingKey: "order.new", mandatory: true, immediate: false },
    });
    assert.deepEqual(decodeHeader(header!.payload), { properties: { messageId: "m1" }, bodySize: size });
    assert.deepEqual(bodies.flatMap(({ payload }) => [...payload]), [...body]);
  }
});

Deno.test("Any properties and headers are read by another client as they were given", () => {
  const text = fc.string({ unit: "binary", maxLength: 60 });
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 20 }),
      fc.array(tie("any"), { maxLength: 4 }),
      fc.dictionary(text, tie("any"), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).any;
  const properties = fc.record({
    contentType: text,
    contentEncoding: text,
    headers: fc.dictionary(text, value, { maxKeys: 5, noNullPrototype: true }),
    persistent: fc.boolean(),
    priority: fc.integer({ min: 0, max: 255 }),
    correlationId: text,
    replyTo: text,
    expiration: fc.nat(),
    messageId: text,
    timestamp: fc.maxSafeNat(),
    type: text,
    appId: text,
  }, { requiredKeys: [] });

  fc.assert(fc.property(properties, (given) => {
    const { persistent, expiration, ...rest } = given;
    assert.deepEqual(decodeHeader(headerOf(message(given as Given))).properties, {
      ...rest,
      ...persistent === undefined ? {} : { deliveryMode: persistent ? 2 : 1 },
      ...expiration === undefined ? {} : { expiration: `${expiration}` },
    });
  }));
});

Deno.test("A property that is left out is not written", () => {
  assert.deepEqual(
    decodeHeader(headerOf(message({ type: undefined, headers: { a: undefined, b: 1 } }))).properties,
    { headers: { b: 1 } },
  );
});

Deno.test("Properties of a received message are passed on byte for byte", () => {
  const noUtf8 = Uint8Array.of(0xff, 0xfe);
  const came = concat([
    new Writer().uint(2, 1 << 15 | 1 << 10 | 1 << 6 | 1 << 5 | 1 << 4 | 1 << 2).bytes,
    new Writer().shortString("text/plain").bytes,
    Uint8Array.of(2, ...noUtf8),
    new Writer().uint(8, 2n ** 64n - 1n).bytes,
    new Writer().shortString("order").shortString("somebody").shortString("cluster").bytes,
  ]);
  const passed = (properties: Given) =>
    headerOf(message(properties, { came, passesOn: true })).subarray(12).toHex();

  // All except the user id, which RabbitMQ would refuse as forged.
  assert.equal(
    passed({}),
    concat([
      new Writer().uint(2, 1 << 15 | 1 << 10 | 1 << 6 | 1 << 5 | 1 << 2).bytes,
      came.subarray(2, 2 + 11 + 3 + 8 + 6),
      new Writer().shortString("cluster").bytes,
    ]).toHex(),
  );
  assert.ok(passed({ type: "invoice" }).includes(new Writer().shortString("invoice").bytes.toHex()));
  assert.ok(!passed({ type: "invoice" }).includes(new Writer().shortString("order").bytes.toHex()));
  assert.ok(!passed({ type: undefined }).includes(new Writer().shortString("order").bytes.toHex()));
});

Deno.test("A reply has the request's correlation id byte for byte, and nothing else of it", () => {
  const came = concat([
    new Writer().uint(2, 1 << 10 | 1 << 5).bytes,
    Uint8Array.of(2, 0xff, 0xfe),
    new Writer().shortString("order").bytes,
  ]);

  const header = headerOf(message({ correlationId: "\ufffd\ufffd" }, { came }));

  assert.equal(header.subarray(12).toHex(), concat([Uint8Array.of(4, 0, 2, 0xff, 0xfe)]).toHex());
});

Deno.test("Headers may fill a frame to the last byte, and one byte more is an error", () => {
  const of = (length: number, spare = 0) => message({ headers: { h: "x".repeat(length) } }, { spare });
  // The frame; class, weight, size, flags; the table's length, a name and the length of its value.
  const most = 4096 - 8 - 14 - 4 - 2 - 1 - 4;

  assert.equal(headerOf(of(most), 4096).length, 4096 - 8);
  assert.equal(headerOf(of(most - 100, 100), 4096).length, 4096 - 8 - 100);
  assert.throws(() => headerOf(of(most + 1), 4096), /^RangeError: Its headers are too long/);
  assert.throws(() => headerOf(of(most - 99, 100), 4096), /^RangeError: Its headers are too long/);
});

for (
  const [what, properties, error] of [
    [
      "a long id",
      { messageId: "x".repeat(256) },
      /The message id is 256 bytes long; AMQP carries at most 255/,
    ],
    [
      "half a surrogate pair in an id",
      { correlationId: "\ud800" },
      /The correlation id is not well-formed text/,
    ],
    [
      "a priority beyond a byte",
      { priority: 256 },
      /The priority is 256; AMQP carries whole numbers from 0 to 255/,
    ],
    ["a timestamp that is none", { timestamp: 1.5 }, /cannot be converted|not an integer/],
  ] as const
) {
  Deno.test(`A property that AMQP cannot carry is an error that says why: ${what}`, () => {
    assert.throws(() => headerOf(message(properties as Given)), error);
  });
}
