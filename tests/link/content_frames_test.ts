import assert from "node:assert/strict";
import fc from "fast-check";
import type { Carried, Outgoing } from "../../runtime/core/link.ts";
import type { Properties } from "../../runtime/core/message.ts";
import { publishFrames } from "../../runtime/link/content_frames.ts";
import { BODY, HEADER, METHOD } from "../support/wire_client.ts";
import { Raw, type Table, typed, Writer } from "../support/wire_fields.ts";
import { decodeHeader, decodeMethod, encodeHeader } from "../support/wire_methods.ts";

const message = (properties: Properties, rest: Partial<Outgoing> = {}): Outgoing => ({
  exchange: "shop",
  routingKey: "order.new",
  body: new TextEncoder().encode("body"),
  properties,
  ...rest,
});

interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly payload: Uint8Array;
}

/** Takes frames apart, each of which ends as it should. */
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

/** Properties as a delivery has them. */
const carriedOf = (wire: Parameters<typeof encodeHeader>[0], properties: Properties): Carried => ({
  properties,
  encoded: encodeHeader(wire, 4).subarray(12),
});

Deno.test("A message goes out as a method, its header, and its body in frames of the size agreed on", () => {
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

Deno.test("Any properties and headers are read by others as they were given", () => {
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
    assert.deepEqual(decodeHeader(headerOf(message(given as Properties))).properties, {
      ...rest,
      ...persistent === undefined ? {} : { deliveryMode: persistent ? 2 : 1 },
      ...expiration === undefined ? {} : { expiration: `${expiration}` },
    });
  }));
});

Deno.test("A property that is left out is not there", () => {
  assert.deepEqual(
    decodeHeader(headerOf(message({ type: undefined, headers: { a: undefined, b: 1 } }))).properties,
    { headers: { b: 1 } },
  );
});

Deno.test("What is carried and not changed goes along in its bytes, whatever they are", () => {
  const odd = new Raw(
    Uint8Array.of("L".charCodeAt(0), 0, 0, 0, 0, 0, 0, 0, 9),
  );
  const read = { odd: "cannot be read", a: 1, gone: true, changed: "before" };
  const wire = {
    contentType: "text/plain",
    headers: { ...read, odd },
    type: "order",
    appId: "shop",
    expiration: "7",
  };
  const carried = carriedOf(wire, {
    contentType: "text/plain",
    headers: read,
    type: "order",
    appId: "shop",
    expiration: 7,
  });
  const { gone: _, ...kept } = read;

  const header = headerOf(
    message({
      contentType: "text/plain",
      headers: { ...kept, changed: "after", added: 1 },
      type: "invoice",
      appId: "shop",
    }, { carried }),
  );

  const bytesOf = (table: Table) => new Writer().table(table).bytes.subarray(4).toHex();
  // `a` came as an integer of 32 bits, and would be written as one of 8.
  for (const table of [{ odd }, { a: 1 }, { changed: "after" }, { added: typed("b", 1) }]) {
    assert.ok(header.toHex().includes(bytesOf(table)), `${Object.keys(table)} in ${header}`);
  }
  for (const table of [{ gone: true }, { changed: "before" }]) {
    assert.ok(!header.toHex().includes(bytesOf(table)), `${Object.keys(table)} in ${header}`);
  }
});

Deno.test("Headers that are not well formed are written anew, as far as they were read", () => {
  const broken = new Raw(Uint8Array.of("?".charCodeAt(0)));
  const carried = carriedOf({ headers: { broken } }, { headers: { reason: "unreadable" } });

  const header = headerOf(message({ headers: { reason: "unreadable" } }, { carried }));

  assert.deepEqual(decodeHeader(header).properties, { headers: { reason: "unreadable" } });
});

Deno.test("A header fills its frame to the last byte, and not one more", () => {
  const of = (length: number, spare = 0) => message({ headers: { h: "x".repeat(length) } }, { spare });
  // Frame; class, weight, size, flags; the table's length, a name and its value's length.
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
      /The correlation id is no well-formed text/,
    ],
    [
      "half a surrogate pair in a header",
      { headers: { a: ["\udc00"] } },
      /The value of a header is no well-formed/,
    ],
    [
      "a long name of a header",
      { headers: { ["x".repeat(256)]: 1 } },
      /The name of a header is 256 bytes long/,
    ],
    [
      "a type that AMQP does not know",
      { headers: { a: { "!": "colour", value: 1 } } },
      /A header is of type 'colour'/,
    ],
    ["a function", { headers: { a: () => {} } }, /A header is a function, which AMQP does not know/],
    ["a priority beyond a byte", { priority: 256 }, /out of range/],
    ["a timestamp that is none", { timestamp: 1.5 }, /cannot be converted|not an integer/],
  ] as const
) {
  Deno.test(`What AMQP cannot carry is an error that says so: ${what}`, () => {
    assert.throws(() => headerOf(message(properties as Properties)), error);
  });
}
