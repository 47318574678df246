import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { type FrameReader, keepHeadersReadable } from "../../runtime/link/readable_headers.ts";
import { BODY, concat, encodeFrame, HEADER } from "../support/wire_client.ts";
import { Raw, type Table, Writer } from "../support/wire_fields.ts";
import { decodeHeader, encodeHeader, type Properties } from "../support/wire_methods.ts";

/** Reads as amqplib does: the first frame, once it is complete; what it cannot read throws, and is gone. */
class Reader implements FrameReader {
  rest = Buffer.alloc(0);
  /** Bytes that are still to arrive, piece by piece. */
  readonly #pieces: Buffer[];

  constructor(...pieces: Uint8Array[]) {
    this.#pieces = pieces.map((piece) => Buffer.from(piece));
    keepHeadersReadable(this);
  }

  recvFrame(): unknown {
    const size = this.rest.length < 7 ? Infinity : 8 + this.rest.readUInt32BE(3);
    if (this.rest.length < size) {
      const piece = this.#pieces.shift();
      if (piece === undefined) return false;
      this.rest = Buffer.concat([this.rest, piece]);
      return this.recvFrame();
    }
    const frame = this.rest.subarray(0, size);
    this.rest = this.rest.subarray(size);
    assert.equal(frame.at(-1), 0xce, "the end of the frame");
    const payload = frame.subarray(7, -1);
    return frame[0] === HEADER ? decodeHeader(payload).properties : payload.toString();
  }
}

const header = (properties: Properties) => encodeFrame(HEADER, 1, encodeHeader(properties, 4));
const body = encodeFrame(BODY, 1, Buffer.from("body"));

/** A header that is a table in a table, so many of them. */
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

Deno.test("Headers that can be read come as they are", () => {
  const properties = { ...around, headers: { a: 1, list: [1, { b: "c" }], long: "x".repeat(6000) } };
  const reader = new Reader(header(properties), body);

  assert.deepEqual(reader.recvFrame(), properties);
  assert.equal(reader.recvFrame(), "body");
});

for (
  const [name, headers, why] of [
    ["too deep", tablesIn(1001), "they are nested deeper than 1000"],
    ["of an unknown type", unknown, /type/],
  ] as const
) {
  Deno.test(`Headers ${name}: the reason in their place, all other properties and what follows stay`, () => {
    for (const properties of [around, {}, { messageId: "m1" }, { contentEncoding: "none" }]) {
      const reader = new Reader(concat([header({ ...properties, headers }), body, header(around)]));
      const { headers: { "x-hopper-unreadable": reason, ...others }, ...rest } = reader.recvFrame() as {
        headers: Record<string, string>;
      };

      if (typeof why === "string") assert.equal(reason, why);
      else assert.match(reason!, why);
      assert.deepEqual(others, {});
      assert.deepEqual(rest, properties);
      assert.equal(reader.recvFrame(), "body");
      assert.deepEqual(reader.recvFrame(), around);
      assert.equal(reader.recvFrame(), false);
    }
  });
}

Deno.test("Headers that arrive in pieces are looked at once they are complete", () => {
  const bytes = header({ ...around, headers: tablesIn(1001) });
  const reader = new Reader(bytes.subarray(0, 5), bytes.subarray(5, 40), bytes.subarray(40), body);

  const { headers } = reader.recvFrame() as { headers: Record<string, string> };
  assert.deepEqual(Object.keys(headers), ["x-hopper-unreadable"]);
  assert.equal(reader.recvFrame(), "body");
});

Deno.test("What is no message's header fails as it did", () => {
  const reader = new Reader(encodeFrame(BODY, 1, Buffer.from("body"), 0));
  assert.throws(() => reader.recvFrame(), /the end of the frame/);
});
