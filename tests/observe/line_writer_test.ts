import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { LineWriter } from "../../runtime/observe/line_writer.ts";

const lost = (count: number) => `(${count} lost)`;
const enough = 1_000;

/** A stream that takes at most `most` bytes in a write, and nothing while it is held. */
class Stream {
  readonly writes: string[] = [];
  #held = Promise.resolve();
  #next = Promise.withResolvers<void>();
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
    this.#next.resolve();
    this.#next = Promise.withResolvers();
    return taken.length;
  }

  /** Resolves when it is written to the next time. */
  get next(): Promise<void> {
    return this.#next.promise;
  }
}

Deno.test("The log lines of one turn are written together", async () => {
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

Deno.test("While lines keep coming, they are written together, each at most 25 ms later", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream, lost);
  out.write("first");
  await setImmediate();
  const from = performance.now();
  out.write("a");
  await setImmediate();
  out.write("b");
  await stream.next;

  assert.ok(performance.now() - from >= 20);
  assert.deepEqual(stream.writes, ["first\n", "a\nb\n"]);
  await out.close(enough);
});

Deno.test("Many lines wait for nothing", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream, lost);
  out.write("first");
  await setImmediate();
  out.write("x".repeat(100_000));
  await setImmediate();
  await setImmediate();

  assert.equal(stream.writes.length, 2);
  await out.close(enough);
});

Deno.test("A log line that was partly written is completed", async () => {
  const stream = new Stream(3);
  const out = new LineWriter(stream, lost);

  out.write("abcdefg");
  await out.close(enough);

  assert.deepEqual(stream.writes, ["abc", "def", "g\n"]);
});

Deno.test("While nobody reads the log, lines beyond the limit are dropped, and their number is written in their place", async () => {
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

Deno.test("A single log line that is longer than the limit is written", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream, lost, 10);
  out.write("x".repeat(100));
  await out.close(enough);

  assert.equal(stream.writes[0]?.length, 101);
});

Deno.test("Closing the log waits for the given time, and returns how many lines were not written", async () => {
  const stream = new Stream();
  const out = new LineWriter(stream, lost, 10);
  const release = stream.hold();
  out.write("first");
  await setImmediate();
  for (const line of ["12345", "67890", "1"]) out.write(line);

  assert.equal(await out.close(10), 4);
  release();
});

Deno.test("A closed pipe of the log is not an error", async () => {
  const out = new LineWriter({ write: () => Promise.reject(new Deno.errors.BrokenPipe()) }, lost);
  out.write("to no one");
  await setImmediate();
  out.write("to no one");

  assert.equal(await out.close(enough), 2);
});

Deno.test("Log lines that did not fit on a full disk are counted in a later line", async () => {
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

Deno.test("A log stream that would block is written again", async () => {
  const stream = new Stream();
  let refusals = 2;
  const out = new LineWriter({
    write: (bytes) => refusals-- > 0 ? Promise.reject(new Deno.errors.WouldBlock()) : stream.write(bytes),
  }, lost);
  out.write("slowly");
  await out.close(enough);

  assert.deepEqual(stream.writes, ["slowly\n"]);
});
