import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Output } from "../../runtime/amqp/output.ts";

function counted(): { out: Output; count: () => number } {
  let count = 0;
  const out = new Output({ take: () => Buffer.alloc(16), give: () => {} }, () => count++);
  return { out, count: () => count };
}

Deno.test("The output reports its first byte, and the first byte after each take", () => {
  const { out, count } = counted();
  assert.equal(count(), 0);
  out.octet(1).octet(2);
  assert.equal(count(), 1);
  out.take();
  assert.equal(count(), 1);
  out.startFrame(4);
  assert.equal(count(), 2);
});

Deno.test("The output does not report further buffers", () => {
  const { out, count } = counted();
  for (let i = 0; i < 10; i++) {
    out.startFrame(8);
    out.raw(Buffer.alloc(8));
  }
  assert.equal(count(), 1);
  assert.equal(out.size, 80);
  assert.equal(out.take().reduce((sum, { size }) => sum + size, 0), 80);
});
