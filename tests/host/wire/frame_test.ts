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

const limits: FrameLimits = { head: 10_000, body: 1_000_000 };

type Sent = readonly [kind: number, id: number, head: unknown, body: Uint8Array];

function written(frames: readonly Sent[]): Uint8Array {
  const buffer = new FrameBuffer(limits);
  for (const frame of frames) buffer.add(...frame);
  return buffer.take().slice();
}

/** The frames in these bytes, which arrive in pieces of the given lengths; the last length goes on. */
function readInPieces(bytes: Uint8Array, lengths: readonly number[], within = limits): Frame[] {
  const reader = new FrameReader(within);
  const frames: Frame[] = [];
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const end = at + lengths[Math.min(piece, lengths.length - 1)]!;
    reader.read(bytes.slice(at, end), (frame) => frames.push(frame));
    at = end;
  }
  return frames;
}

const read = (bytes: Uint8Array, within?: FrameLimits) => readInPieces(bytes, [bytes.length], within);
const asSent = (frames: readonly Frame[]) =>
  frames.map(({ kind, id, head, body }): Sent => [kind, id, head, body]);
const bytes = (text: string) => new TextEncoder().encode(text);

const anyFrame = fc.tuple(
  fc.integer({ min: 1, max: 255 }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.option(fc.oneof(fc.array(fc.string({ unit: "grapheme" })), fc.string(), fc.constant(0)), {
    nil: undefined,
  }),
  fc.uint8Array({ maxLength: 300 }),
);

Deno.test("Frames come out as they went in, wherever the bytes between them are cut", () => {
  fc.assert(fc.property(
    fc.array(anyFrame, { maxLength: 20 }),
    fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1 }),
    (frames, lengths) => {
      assert.deepEqual(asSent(readInPieces(written(frames), lengths)), frames);
    },
  ));
});

Deno.test("A frame without head and body is thirteen bytes, and knows its size", () => {
  const sent = written([[2, 7, undefined, bytes("")], [2, 8, ["é"], bytes("body")]]);
  const [bare, whole] = read(sent);
  assert.deepEqual([bare!.head, bare!.body.length, bare!.size], [undefined, 0, 13]);
  assert.equal(bare!.size + whole!.size, sent.length);
});

Deno.test("A body is the frame's own, however many come after it", () => {
  const buffer = new FrameBuffer(limits);
  const reader = new FrameReader(limits);
  const frames: Frame[] = [];
  const texts = Array.from({ length: 1000 }, (_, i) => `body ${i}`);
  for (const text of texts) {
    buffer.add(1, 1, undefined, bytes(text));
    reader.read(buffer.take().slice(), (frame) => frames.push(frame));
  }
  assert.deepEqual(frames.map(({ body }) => new TextDecoder().decode(body)), texts);
});

Deno.test("What was taken stays until more is taken, and takes nothing of what is added meanwhile", () => {
  const buffer = new FrameBuffer(limits);
  buffer.add(1, 1, "first");
  const first = buffer.take();
  buffer.add(1, 2, "second");
  assert.equal(read(first)[0]!.head, "first");
  assert.equal(read(buffer.take())[0]!.head, "second");
  assert.equal(buffer.length, 0);
});

Deno.test("A body beyond every buffer comes through, and what follows it", () => {
  const large = new Uint8Array(limits.body).fill(7);
  const frames: Sent[] = [[1, 1, null, large], [1, 2, "after", bytes("")]];
  assert.deepEqual(asSent(readInPieces(written(frames), [16_384])), frames);
});

Deno.test("A frame that its reader would refuse is not sent", () => {
  const buffer = new FrameBuffer({ head: 10, body: 5 });
  assert.throws(() => buffer.add(1, 1, null, bytes("too long")), FrameTooLong);
  assert.throws(() => buffer.add(1, 1, "éééééé"), FrameTooLong);
  assert.throws(() => buffer.add(1, 1, 1n), TypeError);
  assert.equal(buffer.length, 0);
  buffer.add(1, 1, "12345678", bytes("12345"));
});

Deno.test("What is no frame is refused: too long, too short, or a head that is none", () => {
  const [, ...whole] = written([[1, 1, "head", bytes("body")]]);
  const announcing = (length: number) => new Uint8Array([0, 0, 0, length]);
  assert.throws(() => read(announcing(8)), FrameError);
  assert.throws(() => read(new Uint8Array([0xff, 0xff, 0xff, 0xff])), FrameError);
  assert.throws(() => read(new Uint8Array([0, 0, 0, 9, 1, 0, 0, 0, 1, 0, 0, 0, 1])), FrameError);
  assert.throws(() => read(new Uint8Array([0, 0, 0, 10, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x7b])), FrameError);
  assert.throws(() => read(new Uint8Array([0, ...whole]), { head: 3, body: 100 }), FrameError);
});

Deno.test("Text in a head that is no UTF-8 is read as far as it is", () => {
  const bytes = new Uint8Array([0, 0, 0, 12, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0x22, 0xff, 0x22]);
  assert.equal(read(bytes)[0]!.head, "\ufffd");
});
