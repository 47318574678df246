import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Input } from "../../../runtime/broker/connection/input.ts";

const frame = (size: number) => {
  const bytes = Buffer.alloc(size + 8, size & 0xff);
  bytes.writeUInt32BE(size, 3);
  return bytes;
};

Deno.test("A frame is complete however its bytes were split", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 40 }), cut),
  );
});

function cut(sizes: number[], chunkSize: number): void {
  const frames = sizes.map(frame);
  const stream = Buffer.concat(frames);
  const input = new Input();
  const whole: Buffer[] = [];
  for (let from = 0; from < stream.length; from += chunkSize) {
    const chunk = stream.subarray(from, from + chunkSize);
    for (let at = 0; at < chunk.length;) {
      const end = Math.min(chunk.length, at + input.missing(false));
      input.add(chunk, at, end);
      at = end;
      if (input.missing(false) > 0) continue;
      whole.push(Buffer.from(input.bytes));
      input.drop(input.bytes.length);
    }
  }
  assert.deepEqual(whole, frames);
  assert.ok(input.isEmpty);
}
