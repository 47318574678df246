import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { LineWriter } from "../../runtime/observe/line_writer.ts";

/** A stream that takes at most `most` bytes a write. */
class Stream {
  readonly writes: string[] = [];
  constructor(readonly most = Infinity) {}

  writeSync(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.most);
    this.writes.push(new TextDecoder().decode(taken));
    return taken.length;
  }
}

Deno.test("The lines of one turn are one write", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream);

  out.write("a");
  out.write("b");
  assert.deepEqual(stream.writes, []);
  await setImmediate();
  assert.deepEqual(stream.writes, ["a\nb\n"]);

  out.write("c");
  await setImmediate();
  assert.deepEqual(stream.writes, ["a\nb\n", "c\n"]);
});

Deno.test("What is left can be written at once, and only once", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream);

  out.write("last words");
  out.flush();
  assert.deepEqual(stream.writes, ["last words\n"]);
  await setImmediate();
  assert.deepEqual(stream.writes, ["last words\n"]);
});

Deno.test("More than 64 KiB do not wait for the end of the turn", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream);
  for (let i = 0; i < 10; i++) out.write("x".repeat(10_000));

  assert.equal(stream.writes.length, 1);
  await setImmediate();
  assert.equal(stream.writes.join("").length, 10 * 10_001);
});

Deno.test("A stream that takes a part is given the rest", () => {
  const stream = new Stream(3);
  const out = new LineWriter(stream);

  out.write("abcdefg");
  out.flush();

  assert.deepEqual(stream.writes, ["abc", "def", "g\n"]);
});

Deno.test("A reader that has gone away ends nothing", () => {
  const out = new LineWriter({
    writeSync() {
      throw new Deno.errors.BrokenPipe("Broken pipe");
    },
  });
  out.write("to no one");
  out.flush();
  out.flush();
});

Deno.test("A full disk costs the lines it has no room for, and what comes later is written", () => {
  const written: string[] = [];
  let full = true;
  const out = new LineWriter({
    writeSync(bytes) {
      if (full) throw new Error("No space left on device (os error 28)");
      written.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
  });
  out.write("to a full disk");
  out.flush();

  full = false;
  out.write("to an empty one");
  out.flush();

  assert.deepEqual(written, ["to an empty one\n"]);
});
