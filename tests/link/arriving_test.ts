import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Arriving, type FrameReader, isDecided } from "../../runtime/link/arriving.ts";
import { BODY, encodeFrame } from "../support/wire_client.ts";

/** What amqplib has of a connection on which these pieces arrive. */
function arriving(pieces: readonly Buffer[]): { frames: FrameReader; arriving: Arriving } {
  const left = [...pieces];
  const frames: FrameReader = {
    rest: Buffer.alloc(0),
    maxFrameSize: 0,
    recvSinceLastCheck: false,
    stream: { read: () => left.shift() ?? null },
    recvFrame: () => false,
  };
  return { frames, arriving: new Arriving(frames) };
}

Deno.test("Frames are put together in order, however their bytes arrive", () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 8 });
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(bodies, sizes, (bodies, sizes) => {
    const bytes = Buffer.concat(bodies.map((body) => encodeFrame(BODY, 1, body)));
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += pieces.at(-1)!.length) {
      pieces.push(bytes.subarray(at, at + sizes[pieces.length % sizes.length]!));
    }
    const { frames, arriving: coming } = arriving(pieces);
    const read: Uint8Array[] = [];
    do {
      while (isDecided(frames.rest, 0)) {
        const size = frames.rest.readUInt32BE(3);
        read.push(new Uint8Array(frames.rest.subarray(7, 7 + size)));
        frames.rest = frames.rest.subarray(8 + size);
      }
    } while (coming.more());

    assert.deepEqual(read, bodies);
    assert.equal(frames.rest.length, 0);
  }));
});

Deno.test("What one read brings is not copied, but for the frame that goes on in the next", () => {
  const one = encodeFrame(BODY, 1, new Uint8Array(100));
  const reads = [Buffer.concat([one, one.subarray(0, 50)]), Buffer.concat([one.subarray(50), one, one])];
  const { frames, arriving: coming } = arriving(reads);
  coming.more();
  assert.equal(frames.rest, reads[0]);
  frames.rest = frames.rest.subarray(one.length);

  coming.more();
  assert.deepEqual(new Uint8Array(frames.rest), new Uint8Array(one), "the torn frame, and nothing else");

  frames.rest = frames.rest.subarray(one.length);
  coming.more();
  assert.equal(frames.rest.length, 2 * one.length);
  assert.equal(frames.rest.buffer, reads[1]!.buffer);
  assert.equal(frames.rest.byteOffset, reads[1]!.byteOffset + one.length - 50);
});

Deno.test("What arrives counts as a sign of life, and nothing does not", () => {
  const { frames, arriving: coming } = arriving([Buffer.of(1)]);
  assert.equal(coming.more(), true);
  assert.equal(frames.recvSinceLastCheck, true);
  frames.recvSinceLastCheck = false;

  assert.equal(coming.more(), false);
  assert.equal(frames.recvSinceLastCheck, false);
});

Deno.test("A frame is decided when it is there in full, or once it is known to be too long", () => {
  const frame = Buffer.from(encodeFrame(BODY, 1, new Uint8Array(100)));

  assert.equal(isDecided(frame, 100), true);
  assert.equal(isDecided(frame.subarray(0, -1), 100), false);
  assert.equal(isDecided(frame.subarray(0, 7), 99), true);
  assert.equal(isDecided(frame.subarray(0, 6), 99), false);
  assert.equal(isDecided(frame.subarray(0, 7), 0), false, "0 is no limit");
});
