import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { maxCollected, outgoingBody } from "../../../runtime/core/body/outgoing_body.ts";

const shared = new SharedArrayBuffer(4);
new Uint8Array(shared).set([0, 1, 254, 255]);
const { buffer } = Uint8Array.of(9, 0, 1, 254, 255, 9);
const stream = (...chunks: unknown[]) => ReadableStream.from(chunks);

const kinds: Record<string, unknown> = {
  "a Uint8Array": Uint8Array.of(0, 1, 254, 255),
  "a part of one": new Uint8Array(buffer, 1, 4),
  "a Buffer": Buffer.of(0, 1, 254, 255),
  "an ArrayBuffer": buffer.slice(1, 5),
  "a SharedArrayBuffer": shared,
  "a view of shared memory": new Uint8Array(shared),
  "an Int16Array": new Int16Array(buffer.slice(1, 5)),
  "a Uint8ClampedArray": new Uint8ClampedArray([0, 1, 254, 255]),
  "a DataView": new DataView(buffer, 1, 4),
  "a Blob": new Blob([Uint8Array.of(0, 1), Uint8Array.of(254, 255)]),
  "a stream": stream(Uint8Array.of(0), Uint8Array.of(1, 254).buffer, new DataView(buffer, 4, 1)),
};

for (const [what, value] of Object.entries(kinds)) {
  Deno.test(`Bytes of every kind are sent as bytes: ${what}`, async () => {
    const { body, contentType } = await outgoingBody(value, "body");
    assert.deepEqual([...body], [0, 1, 254, 255]);
    assert.equal(contentType, "application/octet-stream");
    assert.equal(
      (await outgoingBody(value === kinds["a stream"] ? body : value, "body", {
        contentType: "image/x",
      })).contentType,
      "image/x",
    );
  });
}

Deno.test("A blob is sent with its own content type, unless the sender sets another", async () => {
  const blob = new Blob(["%PDF"], { type: "application/pdf" });
  assert.equal((await outgoingBody(blob, "body")).contentType, "application/pdf");
  assert.equal((await outgoingBody(blob, "body", { contentType: "text/x" })).contentType, "text/x");
});

Deno.test("A stream that reuses one buffer is sent correctly", async () => {
  const room = new Uint8Array(1);
  const fills = async function* () {
    for (room[0] = 1; room[0] < 4; room[0]++) yield await Promise.resolve(room);
  };
  assert.deepEqual([...(await outgoingBody(ReadableStream.from(fills()), "body")).body], [1, 2, 3]);
});

Deno.test("A stream of text is an error that says what to write, and the stream is cancelled", async () => {
  let cancelled = false;
  const text = new ReadableStream({
    start: (controller) => controller.enqueue("text"),
    cancel: () => void (cancelled = true),
  });
  await assert.rejects(
    async () => await outgoingBody(text, "body"),
    { name: "ArgumentError", message: /^The stream in body gives a string; .*TextEncoderStream/ },
  );
  assert.ok(cancelled);
});

Deno.test("An endless stream is refused after 128 MB", async () => {
  const chunk = new Uint8Array(16 * 1024 * 1024);
  let given = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      given += chunk.length;
      controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
  await assert.rejects(async () => await outgoingBody(endless, "body"), {
    message: `body is too long: expected at most ${maxCollected} bytes`,
  });
  assert.equal(given, maxCollected + chunk.length);
});

Deno.test("Sending a stream that fails rejects with the stream's error", async () => {
  const failing = new ReadableStream({ pull: () => Promise.reject(new Error("Disk is gone")) });
  await assert.rejects(async () => await outgoingBody(failing, "body"), /Disk is gone/);
});

Deno.test("Text and JSON cannot be sent with a charset other than UTF-8 or with a content encoding", async () => {
  const refused = (value: unknown, said: { contentType?: string; contentEncoding?: string }) =>
    assert.throws(() => outgoingBody(value, "body", said), {
      name: "ArgumentError",
      message: /give (its|the)/,
    });

  refused("grüß", { contentType: "text/plain; charset=latin1" });
  refused({ a: 1 }, { contentType: 'application/json; charset="UTF-16"' });
  refused({ a: 1 }, { contentEncoding: "gzip" });
  refused("text", { contentEncoding: "identity, br" });
  for (const contentType of ["text/html", "text/plain; charset=UTF-8", "application/json"]) {
    const sent = await outgoingBody("[1]", "body", { contentType, contentEncoding: "utf-8" });
    assert.deepEqual(sent, { body: new TextEncoder().encode("[1]"), contentType });
  }
  await outgoingBody(Uint8Array.of(1), "body", {
    contentEncoding: "gzip",
    contentType: "text/x; charset=latin1",
  });
});
