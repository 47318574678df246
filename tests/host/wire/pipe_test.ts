import assert from "node:assert/strict";
import { FrameError, type FrameLimits } from "../../../runtime/host/wire/frame.ts";
import { FramePipe, type PipeEnd } from "../../../runtime/host/wire/pipe.ts";
import { withFolder } from "../../support/folder.ts";

const limits: FrameLimits = { head: 1_000_000, body: 64_000_000 };
const end: PipeEnd = { reads: limits, writes: limits, mostWaiting: Infinity };

/** Two connections to each other, which are closed when they go out of scope. */
async function connected() {
  await using folder = await withFolder();
  const path = folder.at("socket");
  using listener = Deno.listen({ transport: "unix", path });
  const [one, other] = await Promise.all([Deno.connect({ transport: "unix", path }), listener.accept()]);
  return {
    one,
    other,
    [Symbol.dispose]() {
      for (const connection of [one, other]) {
        try {
          connection.close();
        } catch {
          // A pipe has closed it.
        }
      }
    },
  };
}

/** The first frames that a pipe gives, with their bodies' lengths. */
async function received(
  pipe: FramePipe,
  count: number,
): Promise<[id: number, head: unknown, body: number][]> {
  const frames: [number, unknown, number][] = [];
  await pipe.read(({ id, head, body }) => {
    frames.push([id, head, body.length]);
    if (frames.length === count) pipe.close();
  });
  return frames;
}

Deno.test("What is sent in one turn arrives in one piece, also what promises send", async () => {
  using pair = await connected();
  const pipe = new FramePipe(pair.one, end);
  pipe.send(1, 1, "at once");
  queueMicrotask(() => pipe.send(1, 2, "in a microtask"));
  Promise.resolve().then(() => {}).then(() => pipe.send(1, 3, "after a promise or two"));

  const piece = new Uint8Array(1000);
  const count = await pair.other.read(piece);
  const text = new TextDecoder().decode(piece.subarray(0, count!));
  assert.match(text, /at once.*in a microtask.*after a promise or two/s);
  pipe.close();
});

Deno.test("More than a socket holds arrives whole and in order", async () => {
  using pair = await connected();
  const [from, to] = [new FramePipe(pair.one, end), new FramePipe(pair.other, end)];
  const lengths = [0, 10, 3_000_000, 1, 70_000, 3_000_000];
  lengths.forEach((length, i) => from.send(1, i, `frame ${i}`, new Uint8Array(length)));

  const frames = await received(to, lengths.length);
  assert.deepEqual(frames, lengths.map((length, i) => [i, `frame ${i}`, length]));
  await from.drained();
  assert.equal(from.waiting, 0);
  from.close();
});

Deno.test("A body stays what it was, however much is read after it", async () => {
  using pair = await connected();
  const [from, to] = [new FramePipe(pair.one, end), new FramePipe(pair.other, end)];
  const ids = Array.from({ length: 300 }, (_, i) => i);
  for (const id of ids) from.send(1, id, undefined, new Uint8Array(1000).fill(id));

  const bodies: Uint8Array[] = [];
  await to.read(({ body }) => {
    bodies.push(body);
    if (bodies.length === ids.length) to.close();
  });
  assert.deepEqual(bodies, ids.map((id) => new Uint8Array(1000).fill(id)));
  from.close();
});

Deno.test("What is sent before drained() is written by then", async () => {
  using pair = await connected();
  const [from, to] = [new FramePipe(pair.one, end), new FramePipe(pair.other, end)];
  from.send(1, 1, "the last words");
  await from.drained();
  from.close();
  assert.deepEqual(await received(to, 2), [[1, "the last words", 0]]);
  to.close();
});

Deno.test("Two pipes that ask and answer keep on", async () => {
  using pair = await connected();
  const [asks, answers] = [new FramePipe(pair.one, end), new FramePipe(pair.other, end)];
  const answering = answers.read(({ id }) => answers.send(2, id));
  let left = 2000;
  asks.send(1, left);
  await asks.read(({ id }) => {
    assert.equal(id, left);
    if (--left === 0) return asks.close();
    asks.send(1, left);
  });
  await answering;
  answers.close();
});

Deno.test("After the other side has gone reading ends, and sending does nothing", async () => {
  using pair = await connected();
  const pipe = new FramePipe(pair.one, end);
  pair.other.close();
  await pipe.read(() => assert.fail("Nothing was sent"));
  pipe.send(1, 1, "into the void");
  await pipe.drained();
  pipe.close();
  pipe.send(1, 2);
});

Deno.test("What is no frame ends the reading with the reason", async () => {
  using pair = await connected();
  const pipe = new FramePipe(pair.one, end);
  const reading = pipe.read(() => assert.fail("It was no frame"));
  await pair.other.write(new Uint8Array([0, 0, 0, 1, 5]));
  await assert.rejects(reading, FrameError);
  pipe.close();
});

Deno.test("Who does not read what it is sent is not listened to meanwhile", async () => {
  using pair = await connected();
  const pipe = new FramePipe(pair.one, { ...end, mostWaiting: 1000 });
  const heard: number[] = [];
  const reading = pipe.read(({ id }) => {
    heard.push(id);
    pipe.send(2, id, undefined, new Uint8Array(1_000_000));
  });
  const other = new FramePipe(pair.other, end);
  // Each in a turn of its own, so that they are read one by one.
  for (let id = 1; id <= 20; id++) {
    other.send(1, id);
    await other.drained();
  }
  assert.ok(heard.length < 20, `${heard.length} were heard`);

  const answers = await received(other, 20);
  assert.deepEqual(answers.map(([id]) => id), heard);
  await reading;
  pipe.close();
});
