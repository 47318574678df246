import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { LineWriter } from "../../runtime/observe/line_writer.ts";

const lost = (count: number) => `(${count} lost)`;
const enough = 1_000;

/** A stream that takes at most `most` bytes a write, and nothing while it is held. */
class Stream {
  readonly writes: string[] = [];
  #held = Promise.resolve();
  constructor(readonly most = Infinity) {}

  /** Takes nothing until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return resolve;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#held;
    const taken = bytes.subarray(0, this.most);
    this.writes.push(new TextDecoder().decode(taken));
    return taken.length;
  }
}

Deno.test("The lines of one turn are one write", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream, lost);

  out.write("a");
  out.write("b");
  assert.deepEqual(stream.writes, []);
  await setImmediate();
  out.write("c");
  assert.equal(await out.close(enough), 0);

  assert.deepEqual(stream.writes, ["a\nb\n", "c\n"]);
});

Deno.test("A stream that takes a part is given the rest", async () => {
  const stream = new Stream(3);
  const out = new LineWriter(stream, lost);

  out.write("abcdefg");
  await out.close(enough);

  assert.deepEqual(stream.writes, ["abc", "def", "g\n"]);
});

Deno.test("While nobody reads, lines beyond the limit are counted, and the count stands where they would", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream, lost, 10);
  const release = stream.hold();

  out.write("first");
  await setImmediate();
  for (const line of ["12345", "1234", "12345", "1"]) out.write(line);
  release();
  await setImmediate();
  await setImmediate();
  out.write("later");

  assert.equal(await out.close(enough), 0);
  assert.equal(stream.writes.join(""), "first\n12345\n1234\n(2 lost)\nlater\n");
});

Deno.test("A single line longer than the limit is written", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream, lost, 10);
  out.write("x".repeat(100));
  await out.close(enough);

  assert.equal(stream.writes[0]?.length, 101);
});

Deno.test("It is not waited for longer than said, and what was not written is known", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream, lost, 10);
  const release = stream.hold();
  out.write("first");
  await setImmediate();
  for (const line of ["12345", "67890", "1"]) out.write(line);

  assert.equal(await out.close(10), 4);
  release();
});

Deno.test("A reader that has gone away ends nothing", async () => {
  const out = new LineWriter({ write: () => Promise.reject(new Deno.errors.BrokenPipe()) }, lost);
  out.write("to no one");
  await setImmediate();
  out.write("to no one");

  assert.equal(await out.close(enough), 2);
});

Deno.test("A full disk costs the lines it has no room for, and what comes later says so", async () => {
  const written: string[] = [];
  let full = true;
  const out = new LineWriter({
    write(bytes) {
      if (full) return Promise.reject(new Error("No space left on device (os error 28)"));
      written.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  }, lost);
  out.write("to a full disk");
  await setImmediate();
  await setImmediate();

  full = false;
  out.write("to an empty one");
  assert.equal(await out.close(enough), 0);

  assert.deepEqual(written, ["to an empty one\n(1 lost)\n"]);
});

Deno.test("A stream that does not wait by itself is asked again", async () => {
  const stream = new Stream();
  let refusals = 2;
  const out = new LineWriter({
    write: (bytes) => refusals-- > 0 ? Promise.reject(new Deno.errors.WouldBlock()) : stream.write(bytes),
  }, lost);
  out.write("slowly");
  await out.close(enough);

  assert.deepEqual(stream.writes, ["slowly\n"]);
});
