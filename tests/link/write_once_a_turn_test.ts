import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { nextTick } from "node:process";
import { writeOnceATurn } from "../../runtime/link/write_once_a_turn.ts";

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
  writeOnceATurn(stream);
  return { stream, written };
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
