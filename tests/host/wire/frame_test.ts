import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Frame,
  FrameBuffer,
  FrameError,
  type FrameLimits,
  FrameReader,
  FrameTooLong,
} from "../../../runtime/host/wire/frame.ts";

const limits: FrameLimits = { head: 1000, body: 10_000 };
type Sent = Pick<Frame, "kind" | "id" | "head" | "body">;

const number = (bytes: number) => fc.integer({ min: 0, max: 2 ** (8 * bytes) - 1 });
const sent: fc.Arbitrary<Sent> = fc.record({
  kind: number(1),
  id: number(4),
  // JSON has no -0, and a missing head is different from null.
  head: fc.option(fc.jsonValue({ maxDepth: 3 }), { nil: undefined })
    .map((head) => head === undefined ? head : JSON.parse(JSON.stringify(head)))
    .filter((head) => JSON.stringify(head ?? 0).length < 300),
  body: fc.uint8Array({ maxLength: 500 }),
});

function written(frames: readonly Sent[]): Uint8Array {
  const buffer = new FrameBuffer(limits);
  for (const { kind, id, head, body } of frames) buffer.add(kind, id, head, body);
  return buffer.take().slice();
}

/** The bytes arrive, as many at once as there is room for. */
function arrive(reader: FrameReader, bytes: Uint8Array, onFrame: (frame: Frame) => void): void {
  for (let at = 0; at < bytes.length;) {
    const { room } = reader;
    const now = bytes.subarray(at, at + room.length);
    room.set(now);
    at += now.length;
    reader.read(now.length, onFrame);
  }
}

function read(chunks: Iterable<Uint8Array>, most = limits): Frame[] {
  const reader = new FrameReader(most);
  const frames: Frame[] = [];
  for (const chunk of chunks) arrive(reader, chunk, (frame) => frames.push(frame));
  return frames;
}

const part = ({ kind, id, head, body }: Sent): Sent => ({ kind, id, head, body: new Uint8Array(body) });

/** The bytes of a frame whose lengths may be wrong. */
function frameOf(length: number, headLength: number, rest: string): Uint8Array {
  const bytes = new Uint8Array(13 + rest.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  view.setUint32(9, headLength);
  bytes.set(new TextEncoder().encode(rest), 13);
  return bytes;
}

Deno.test("Frames are read as they were written, however the bytes are split", () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(fc.array(sent, { maxLength: 8 }), pieces, (frames, sizes) => {
    const bytes = written(frames);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = sizes[chunks.length % sizes.length]!;
      chunks.push(bytes.slice(at, at + size));
      at += size;
    }
    assert.deepEqual(read(chunks).map(part), frames.map(part));
  }));
});

Deno.test("Frames are read the same byte by byte and all together", () => {
  fc.assert(fc.property(fc.array(sent, { maxLength: 4 }), (frames) => {
    const bytes = written(frames);
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    assert.deepEqual(read(single).map(part), read([bytes]).map(part));
  }));
});

Deno.test("A frame that was read has its size", () => {
  const bytes = written([{ kind: 1, id: 2, head: "é", body: new Uint8Array(7) }]);
  assert.equal(read([bytes])[0]!.size, bytes.length);
});

Deno.test("Random bytes are read as frames or refused with a FrameError", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
      try {
        read(chunks);
      } catch (error) {
        assert.ok(error instanceof FrameError, `${error}`);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("A frame with one changed byte is read or refused with a FrameError", () => {
  const bytes = written([
    { kind: 2, id: 1, head: { error: "x" }, body: new Uint8Array([1, 2, 3]) },
    { kind: 5, id: 2, head: ["info", "text"], body: new Uint8Array() },
  ]);
  for (let at = 0; at < bytes.length; at++) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const changed = bytes.slice();
      changed[at] = value;
      try {
        read([changed]);
      } catch (error) {
        assert.ok(error instanceof FrameError, `byte ${at} as ${value}: ${error}`);
      }
    }
  }
});

Deno.test("A wrong length in a frame is refused before memory is reserved for it", () => {
  const refused = (bytes: Uint8Array, message: RegExp) => assert.throws(() => read([bytes]), message);

  refused(frameOf(8, 0, ""), /^FrameError: A frame of 8 bytes was announced; expected 9 to 11009$/);
  refused(frameOf(0xffff_ffff, 0, ""), /^FrameError: A frame of 4294967295 bytes was announced/);
  refused(frameOf(11, 5, "{}"), /^FrameError: A frame's head is longer than the frame$/);
  refused(frameOf(11, 0xffff_ffff, "{}"), /^FrameError: A frame's head is longer than the frame$/);
  refused(
    frameOf(2009, 1001, " ".repeat(2000)),
    /^FrameError: A frame's head has 1001 bytes; expected at most 1000$/,
  );
  refused(frameOf(11, 2, "{]"), /^FrameError: A frame's head is not JSON$/);
});

Deno.test("There is always room for what comes next, and no more than twice what has come of a long frame", () => {
  const large = { head: 1000, body: 1024 * 1024 };
  const reader = new FrameReader(large);
  const first = frameOf(1_000_000, 0, "");
  let came = 0;
  for (const sent of [first, ...Array.from({ length: 29 }, () => new Uint8Array(33_333))]) {
    arrive(reader, sent, () => assert.fail("the frame is not complete"));

    assert.ok(reader.room.length > 0);
    came += sent.length;
    const most = Math.min(1_000_004, Math.max(64 * 1024, 2 * came));
    assert.ok(reader.room.buffer.byteLength <= most, `${reader.room.buffer.byteLength} bytes for ${came}`);
  }
  assert.ok(new FrameReader(large).room.length < 100_000);

  const frames: Frame[] = [];
  arrive(reader, new Uint8Array(1_000_004 - 13 - 29 * 33_333), (frame) => frames.push(frame));
  assert.equal(frames[0]!.body.length, 1_000_000 - 9);
  assert.ok(reader.room.buffer.byteLength < 100_000, "the long frame's memory is its body's own");
});

Deno.test("A frame's body stays as it came while more is read", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 5, maxLength: 60 }), (lengths) => {
      const frames = lengths.map((length, id) => ({
        kind: 1,
        id,
        head: undefined,
        body: new Uint8Array(length).fill(id + 1),
      }));
      const all = read(frames.map((frame) => written([frame])));
      assert.ok(
        all.every(({ id, body }) => body.length === lengths[id] && body.every((byte) => byte === id + 1)),
      );
    }),
  );
});

Deno.test("A frame that its reader would refuse is not sent, and the next one is sent", () => {
  const buffer = new FrameBuffer({ head: 10, body: 5 });

  assert.throws(() => buffer.add(1, 1, undefined, new Uint8Array(6)), FrameTooLong);
  assert.throws(() => buffer.add(1, 1, "123456789"), FrameTooLong);
  assert.throws(() => buffer.add(1, 1, "éééé1"), FrameTooLong, "bytes count, and not characters");
  assert.throws(() => buffer.add(1, 1, { big: 1n }), TypeError);
  assert.equal(buffer.length, 0);

  buffer.add(1, 1, "éééé", new Uint8Array(5));
  assert.equal(read([buffer.take()], { head: 10, body: 5 })[0]!.head, "éééé");
});

Deno.test("Taken bytes stay valid until more are taken", () => {
  const buffer = new FrameBuffer(limits);
  buffer.add(1, 1, "first");
  const taken = buffer.take();
  buffer.add(1, 2, "second");

  assert.equal(read([taken])[0]!.head, "first");
  assert.equal(read([buffer.take()])[0]!.head, "second");
});

Deno.test("Many large frames are taken in pieces, and each is read as it was written, also while more is added", () => {
  const large = { head: 1000, body: 1024 * 1024 };
  const buffer = new FrameBuffer(large);
  const reader = new FrameReader(large);
  const lengths: number[] = [];
  const taken: number[] = [];
  let next = 0;
  const add = (length: number) => {
    buffer.add(2, next, `m${next}`, new Uint8Array(length).fill(next++ & 255));
    lengths.push(length);
  };
  const take = () => {
    const piece = buffer.take();
    taken.push(piece.length);
    arrive(reader, piece, ({ id, head, body }) => {
      assert.equal(head, `m${id}`);
      assert.equal(body.length, lengths[id]);
      assert.ok(body.every((byte) => byte === (id & 255)), `the body of ${id} is changed`);
      lengths[id] = -1;
    });
  };
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 60; count++) add(16_384);
    add(700_000);
    add(10);
    for (let count = 0; count < 3; count++) take();
    for (let count = 0; count < 40; count++) add(16_384);
    while (buffer.length > 0) take();
  }
  assert.ok(lengths.every((length) => length === -1), "all were read");
  assert.ok(taken.filter((length) => length > 256 * 1024).every((length) => length > 700_000));
});
