import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import type { FrameReader } from "../../runtime/link/arriving.ts";
import { type ContentHeader, readContentHeaders } from "../../runtime/link/incoming_headers.ts";
import type { ReceivedProperties } from "../../runtime/link/properties.ts";
import { BODY, concat, encodeFrame, HEADER } from "../support/wire_client.ts";
import { Raw, type Table, Writer } from "../support/wire_fields.ts";
import { encodeHeader, type Properties } from "../support/wire_methods.ts";

const maxFrame = 131_072;

/** Reads as amqplib does: the first complete frame. A content header must not get as far as this. */
class Reader implements FrameReader {
  rest = Buffer.alloc(0);
  maxFrameSize = maxFrame;
  recvSinceLastCheck = false;
  /** Bytes that will arrive, piece by piece. */
  readonly #pieces: Buffer[];

  constructor(...pieces: Uint8Array[]) {
    this.#pieces = pieces.map((piece) => Buffer.from(piece));
    readContentHeaders(this);
  }

  readonly stream = { read: () => this.#pieces.shift() ?? null };

  recvFrame(): unknown {
    const payload = this.rest.length < 7 ? Infinity : this.rest.readUInt32BE(3);
    if (this.maxFrameSize > 0 && payload > this.maxFrameSize && payload < Infinity) {
      throw new RangeError(`Frame size ${payload}`);
    }
    const size = 8 + payload;
    if (this.rest.length < size) {
      const piece = this.stream.read();
      if (piece === null) return false;
      this.rest = Buffer.concat([this.rest, piece]);
      return this.recvFrame();
    }
    const frame = this.rest.subarray(0, size);
    this.rest = this.rest.subarray(size);
    assert.equal(frame.at(-1), 0xce, "the end of the frame");
    assert.notEqual(frame[0], HEADER);
    return frame.subarray(7, -1).toString();
  }

  /** The next frame, which must be a content header. */
  header(): ContentHeader {
    return this.recvFrame() as ContentHeader;
  }

  /** Its properties. */
  properties(): Properties {
    return shown(this.header().fields);
  }
}

const header = (properties: Properties) => encodeFrame(HEADER, 1, encodeHeader(properties, 4));
const body = encodeFrame(BODY, 1, Buffer.from("body"));

/** The properties that are set, by name. */
function shown({ contentType, contentEncoding, headers, messageId, appId }: ReceivedProperties): Properties {
  const values = { ...headers.values };
  const all = {
    contentType,
    contentEncoding,
    messageId,
    appId,
    ...(Object.keys(values).length > 0 ? { headers: values } : {}),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Bytes as they arrive from a socket. */
function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** A header of this many nested tables. */
function tablesIn(depth: number): Table {
  const writer = new Writer();
  for (let left = depth - 1; left >= 0; left--) {
    writer.raw(Buffer.from("F")).uint(4, left * 7);
    if (left > 0) writer.shortString("k");
  }
  return { k: new Raw(writer.bytes) };
}

const unknown: Table = { k: new Raw(Buffer.from("?")) };
const around = { contentType: "text/plain", contentEncoding: "none", messageId: "m1", appId: "test" };

Deno.test("A content header is read with its properties and headers", () => {
  const properties = { ...around, headers: { a: 1, list: [1, { b: "c" }], long: "x".repeat(6000) } };
  const reader = new Reader(header(properties), body);

  assert.deepEqual(reader.properties(), properties);
  assert.equal(reader.recvFrame(), "body");
});

Deno.test("A content header has its channel, its body size and the bytes of its properties", () => {
  const bytes = encodeFrame(HEADER, 259, encodeHeader(around, 2 ** 40));
  const { id, channel, size, fields } = new Reader(bytes).header();

  assert.deepEqual([id, channel, size], [60, 259, 2 ** 40]);
  assert.deepEqual(fields.encoded, Buffer.from(encodeHeader(around, 4).subarray(12)));
});

for (const size of [maxFrame, 200_000, 2 ** 20 - 100]) {
  Deno.test(`Headers of ${size} bytes, longer than a frame should be, are read completely`, () => {
    const properties = { ...around, headers: { long: "x".repeat(size) } };
    const reader = new Reader(...pieces(concat([header(properties), body, header(around)]), 65_536));

    assert.deepEqual(reader.properties(), properties);
    assert.equal(reader.recvFrame(), "body");
    assert.deepEqual(reader.properties(), around);
  });
}

for (const pieceSize of [1000, 65_536, 10_000_000]) {
  Deno.test(`Headers of more than 1 MiB, in pieces of ${pieceSize} bytes, are skipped, and the reason takes their place`, () => {
    const headers = { long: "x".repeat(2 ** 20) };
    const bytes = concat([header({ ...around, headers }), body, header(around)]);
    const reader = new Reader(...pieces(bytes, pieceSize));

    let first: ContentHeader | false;
    while ((first = reader.recvFrame() as ContentHeader | false) === false);
    assert.equal(
      first.fields.headers.unreadable,
      `they are ${2 ** 20 + 10} bytes long; Hopper reads at most 1048576`,
    );
    assert.deepEqual(shown(first.fields), around);
    assert.equal(reader.recvFrame(), "body");
    const next = reader.header().fields;
    assert.deepEqual([next.headers.unreadable, shown(next)], [undefined, around]);
  });
}

Deno.test("A frame that is longer than agreed is an error, unless it is the content header of a message", () => {
  const long = header({ ...around, headers: { long: "x".repeat(maxFrame) } });
  const anotherClass = Uint8Array.from(long);
  anotherClass[8] = 61;
  const withoutHeaders = encodeFrame(HEADER, 1, new Uint8Array(maxFrame + 1).fill(0, 0, 12));
  withoutHeaders.set([0, 60], 7);
  const longBody = encodeFrame(BODY, 1, new Uint8Array(maxFrame + 1));
  for (const noise of [anotherClass, withoutHeaders, longBody]) {
    assert.throws(() => new Reader(noise.subarray(0, 700)).recvFrame(), /Frame size/);
  }
});

for (
  const [name, headers, why] of [
    ["too deep", tablesIn(1001), "header 'k': Tables and lists are nested deeper than 1000"],
    ["of an unknown type", unknown, "A table has a field of the unknown type '?'"],
    [
      "of an unknown type in a table",
      { a: { b: unknown } },
      "header 'a': A table has a field of the unknown type '?'",
    ],
  ] as const
) {
  Deno.test(`Headers ${name} are reported, and the other headers and the next frames are read`, () => {
    for (const properties of [around, {}, { messageId: "m1" }, { contentEncoding: "none" }]) {
      const reader = new Reader(
        concat([header({ ...properties, headers: { good: 1, ...headers } }), body, header(around)]),
      );
      const { fields } = reader.header();

      assert.equal(fields.headers.unreadable, why);
      assert.deepEqual(shown(fields), { ...properties, headers: { good: 1 } });
      assert.equal(reader.recvFrame(), "body");
      assert.deepEqual(reader.properties(), around);
      assert.equal(reader.recvFrame(), false);
    }
  });
}

Deno.test("Headers that arrive in pieces are read when they are complete", () => {
  const bytes = header({ ...around, headers: tablesIn(1001) });
  const reader = new Reader(bytes.subarray(0, 5), bytes.subarray(5, 40), bytes.subarray(40), body);

  assert.match(`${reader.header().fields.headers.unreadable}`, /deeper than 1000/);
  assert.equal(reader.recvFrame(), "body");
});

Deno.test("A malformed frame of another kind is an error", () => {
  const reader = new Reader(encodeFrame(BODY, 1, Buffer.from("body"), 0));
  assert.throws(() => reader.recvFrame(), /the end of the frame/);
});
