import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { nextTick } from "node:process";
import { Outbox } from "../../runtime/link/outbox.ts";

/** A socket that records what is written together. */
function socket() {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.push(`${chunk}`);
      done();
    },
    writev(chunks, done) {
      written.push(chunks.map(({ chunk }) => `${chunk}`).join("+"));
      done();
    },
  });
  return { stream, written, outbox: new Outbox(stream) };
}

const turnOver = () => new Promise<void>((resolve) => nextTick(() => nextTick(resolve)));

Deno.test("Writes of one turn go out together, and later ones by themselves", async () => {
  const { stream, written } = socket();
  for (const frame of ["a", "b", "c"]) stream.write(Buffer.from(frame));
  await turnOver();
  stream.write(Buffer.from("d"));
  await turnOver();

  assert.deepEqual(written, ["a+b+c", "d"]);
});

Deno.test("A writer learns that it must wait, and then that it may go on", async () => {
  const { stream } = socket();
  const drained = new Promise((resolve) => stream.once("drain", resolve));

  assert.equal(stream.write(Buffer.alloc(stream.writableHighWaterMark)), false);
  await drained;
  assert.equal(stream.write(Buffer.from("a")), true);
});

Deno.test("A write before the end of the stream goes out", async () => {
  const { stream, written } = socket();
  stream.write(Buffer.from("a"));
  stream.end(Buffer.from("b"));
  await new Promise((resolve) => stream.once("finish", resolve));

  assert.deepEqual(written, ["a+b"]);
});

Deno.test("Frames of one turn are one write, after what others wrote before and ahead of what they write next", async () => {
  const { stream, written, outbox } = socket();
  stream.write(Buffer.from("a"));
  for (const frame of ["b", "c"]) outbox.room(1).write(frame);
  stream.write(Buffer.from("d"));
  await turnOver();
  outbox.room(1).write("e");
  await turnOver();

  assert.deepEqual(written, ["a+bc+d", "e"]);
});

Deno.test("Frames of any size leave whole and in order", async () => {
  const { written, outbox } = socket();
  const sizes = [10, 60_000, 10_000, 200_000, 1, 70_000, 5];
  sizes.forEach((size, i) => outbox.room(size).fill(`${i}`));
  await turnOver();

  assert.deepEqual(
    written.join("").replaceAll("+", ""),
    sizes.map((size, i) => `${i}`.repeat(size)).join(""),
  );
});

Deno.test("Frames after the end of the stream go nowhere, and nothing fails", async () => {
  const { stream, written, outbox } = socket();
  const finished = new Promise((resolve) => stream.once("finish", resolve));
  stream.end();
  outbox.room(1).write("a");
  await finished;
  await turnOver();

  assert.deepEqual(written, []);
});
