import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Frame } from "../../../runtime/host/wire/frame.ts";
import { FramePipe, processEnd, runtimeEnd } from "../../../runtime/host/wire/pipe.ts";
import { withFolder } from "../../support/folder.ts";

const mebibyte = 1024 * 1024;

/** Both ends of a connection, and the bare connection of the process's end, so that a test can misbehave. */
async function connected() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await withFolder());
  const path = folder.at("socket");
  using listener = Deno.listen({ transport: "unix", path });
  const [bare, accepted] = await Promise.all([Deno.connect({ transport: "unix", path }), listener.accept()]);
  const runtime = new FramePipe(accepted, runtimeEnd);
  const process = new FramePipe(bare, processEnd);
  stack.defer(() => runtime.close());
  stack.defer(() => process.close());
  const owned = stack.move();
  return { runtime, process, bare, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** The frames of a pipe as they arrive. */
function framesOf(pipe: FramePipe) {
  const frames: Frame[] = [];
  let wanted: { count: number; resolve: () => void } | undefined;
  const ended = pipe.read((frame) => {
    frames.push(frame);
    if (wanted && frames.length >= wanted.count) wanted.resolve();
  });
  const until = async (count: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wanted = { count, resolve };
    if (frames.length < count) await promise;
  };
  return { frames, ended, until };
}

Deno.test("What is flushed is written at once, and what is sent meanwhile follows in order", async () => {
  await using ends = await connected();
  const { runtime } = ends;
  const got = framesOf(ends.process);

  runtime.send(1, 1, "first");
  assert.ok(runtime.waiting > 0, "it waits for others of this turn");
  runtime.flush();
  assert.equal(runtime.waiting, 0);
  runtime.send(1, 2, "second");
  runtime.flush();
  assert.ok(runtime.waiting > 0, "it waits for the first to be written");
  await got.until(2);
  runtime.close();
  await got.ended;

  assert.deepEqual(got.frames.map(({ head }) => head), ["first", "second"]);
});

Deno.test("Frames of one turn arrive in order, also with a long body between them", async () => {
  await using ends = await connected();
  const { process } = ends;
  const got = framesOf(ends.runtime);
  const piece = crypto.getRandomValues(new Uint8Array(mebibyte / 16));
  const long = new Uint8Array(3 * mebibyte);
  for (let at = 0; at < long.length; at += piece.length) long.set(piece, at);
  const reading = process.read(() => {});

  process.send(1, 1, "first");
  process.send(2, 2, undefined, long);
  process.send(3, 3, "last");
  await got.until(3);
  ends.runtime.close();
  await reading;
  await got.ended;

  assert.deepEqual(got.frames.map(({ kind, id }) => [kind, id]), [[1, 1], [2, 2], [3, 3]]);
  assert.ok(Buffer.compare(got.frames[1]!.body, long) === 0);
});

Deno.test("The runtime stops reading from a process that does not read its answers", async () => {
  await using ends = await connected();
  const { runtime, process } = ends;
  const [question, answer] = [new Uint8Array(16 * 1024), new Uint8Array(32 * 1024)];
  const all = 2000;
  let questions = 0;
  const reading = runtime.read(({ id }) => {
    questions++;
    runtime.send(4, id, {}, answer);
  });

  for (let id = 0; id < all; id++) process.send(3, id, { op: "send" }, question);
  while (runtime.waiting <= runtimeEnd.maxWaiting) await turn();
  const heard = questions;
  for (let i = 0; i < 50; i++) await turn();

  assert.equal(questions, heard);
  assert.ok(questions < all / 2, `${questions} were heard`);
  const got = framesOf(process);
  await got.until(all);
  assert.equal(questions, all);
  process.close();
  await reading;
  await got.ended;
});

Deno.test("Bytes that are not a frame end the reading with a FrameError", async () => {
  await using ends = await connected();
  const reading = ends.runtime.read(() => {});

  await ends.bare.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n"));

  await assert.rejects(reading, /^FrameError: A frame of 1213486160 bytes was announced/);
});

Deno.test("When the other end is gone, nothing more is buffered for it", async () => {
  await using ends = await connected();
  const reading = ends.runtime.read(() => {});
  ends.process.close();
  await reading;

  ends.runtime.send(1, 1, undefined, new Uint8Array(mebibyte));
  await ends.runtime.drained();
  for (let i = 0; i < 10; i++) ends.runtime.send(1, i, undefined, new Uint8Array(mebibyte));
  assert.equal(ends.runtime.waiting, 0);
});
