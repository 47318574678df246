import assert from "node:assert/strict";
import { readLines } from "../../../runtime/host/process/lines.ts";

const encoder = new TextEncoder();

/** The lines of a stream that arrives in these pieces. */
async function linesOf(...pieces: (string | Uint8Array)[]): Promise<string[]> {
  const lines: string[] = [];
  const bytes = pieces.map((piece) => typeof piece === "string" ? encoder.encode(piece) : piece);
  await readLines(ReadableStream.from(bytes), (line) => lines.push(line));
  return lines;
}

Deno.test("Lines are read whole, wherever the stream is split", async () => {
  assert.deepEqual(await linesOf("one\ntw", "o\nthr", "ee"), ["one", "two", "three"]);
  const é = encoder.encode("é");
  assert.deepEqual(await linesOf(é.slice(0, 1), é.slice(1), "\n"), ["é"]);
});

Deno.test("Blank lines of a stream are dropped", async () => {
  assert.deepEqual(await linesOf("\n\n  \none\n\n", "\n"), ["one"]);
});

Deno.test("A line that is not UTF-8 is read", async () => {
  assert.deepEqual(await linesOf(new Uint8Array([0xff, 0xfe, 0x00, 0x0a, 0x41])), [
    "\ufffd\ufffd\u0000",
    "A",
  ]);
});

Deno.test("A line that is too long is cut, and the rest of it is dropped", async () => {
  const longest = 8 * 1024;
  const lines = await linesOf("x".repeat(20_000) + "\nnext\n");
  assert.deepEqual(lines.map(({ length }) => length), [longest, 4]);

  const pieces = Array.from({ length: 100 }, () => "y".repeat(1000));
  const grown = await linesOf(...pieces, "\nnext\n", "z".repeat(9000));
  assert.deepEqual(grown.map((line) => line[0]), ["y", "n", "z"]);
  assert.ok(grown.every(({ length }) => length <= 9000));
});

Deno.test("Reading the lines of an endless stream can be stopped", async () => {
  const stopping = new AbortController();
  const endless = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode("one\ntw")),
  });
  const lines: string[] = [];
  const first = Promise.withResolvers<void>();
  const read = readLines(endless, (line) => {
    lines.push(line);
    first.resolve();
  }, stopping.signal);

  await first.promise;
  stopping.abort();
  await read;

  assert.deepEqual(lines, ["one", "tw"]);
});
