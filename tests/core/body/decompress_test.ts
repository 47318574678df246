import assert from "node:assert/strict";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { decodeBody } from "../../../runtime/core/body/codec.ts";
import { decompress, isCompressed } from "../../../runtime/core/body/decompress.ts";

const limit = { bytes: 1_000_000 };
const bytes = (text: string) => new TextEncoder().encode(text);
const text = JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ i, root: Math.sqrt(i) })));

const decompressed = async (body: Uint8Array, encoding: string, most = limit) => {
  const result = await decompress(body, encoding, most);
  if (!result.ok) assert.fail(result.reason);
  return new TextDecoder().decode(result.body);
};
const refused = async (body: Uint8Array, encoding: string, most = limit) => {
  const result = await decompress(body, encoding, most);
  assert.ok(!result.ok);
  return result.reason;
};

const compressed: Record<string, Uint8Array> = {
  "gzip": gzipSync(text),
  "x-gzip": gzipSync(text),
  "GZip ": gzipSync(text),
  "deflate": deflateSync(text),
  "br": brotliCompressSync(text),
  "gzip, br": brotliCompressSync(gzipSync(text)),
  "br,deflate,gzip": gzipSync(deflateSync(brotliCompressSync(text))),
  "identity, gzip": gzipSync(text),
};

for (const [encoding, body] of Object.entries(compressed)) {
  Deno.test(`A body is decompressed by its content encoding: ${encoding}`, async () => {
    assert.equal(await decompressed(body, encoding), text);
    assert.ok(isCompressed(encoding));
  });
}

Deno.test("A body with raw deflate, without zlib's header, is decompressed", async () => {
  assert.equal(await decompressed(deflateRawSync(text), "deflate"), text);
});

Deno.test("A gzip body of several members is decompressed as a whole", async () => {
  const parts = new Uint8Array([...gzipSync("one "), ...gzipSync("two")]);
  assert.equal(await decompressed(parts, "gzip"), "one two");
});

Deno.test("A body with an encoding such as identity or utf-8 stays unchanged", () => {
  const body = bytes(text);
  for (const encoding of [undefined, "", "identity", "binary", "utf-8", "UTF-8", "zstd"]) {
    const result = decompress(body, encoding, limit);
    assert.ok(!(result instanceof Promise) && result.ok);
    assert.equal(result.body, body);
    assert.ok(!isCompressed(encoding));
  }
});

Deno.test("A compressed body that is cut, damaged or of another kind is refused with its encoding", async () => {
  for (const encoding of ["gzip", "deflate", "br"]) {
    const whole = compressed[encoding]!;
    const damaged = whole.slice();
    damaged.fill(0xff, whole.length >> 1);
    for (const body of [whole.subarray(0, -1), whole.subarray(0, 5000), damaged, bytes(text)]) {
      assert.match(
        await refused(body, encoding),
        new RegExp(`^The body is not ${encoding}, as its content encoding says: .`),
      );
    }
  }
});

Deno.test("An empty body stays empty, whatever its content encoding", async () => {
  assert.equal(await decompressed(new Uint8Array(), "gzip"), "");
});

Deno.test("A body is decompressed up to the limit, also in each step of several encodings", async () => {
  const zeros = new Uint8Array(limit.bytes);
  const bombs: [string, Uint8Array][] = [
    ["gzip", gzipSync(new Uint8Array(limit.bytes + 1))],
    ["deflate", deflateSync(new Uint8Array(limit.bytes + 1))],
    ["br", brotliCompressSync(new Uint8Array(4 * limit.bytes))],
    ["gzip, gzip", gzipSync(gzipSync(new Uint8Array(limit.bytes + 1)))],
  ];
  for (const [encoding, bomb] of bombs) {
    const about = { ...limit, about: ", as somebody says" };
    assert.match(
      await refused(bomb, encoding, about),
      /^The body is too long once it is decompressed \(\w+\): expected at most 1000000 bytes, as somebody says$/,
    );
  }
  for (const [encoding, body] of [["gzip", gzipSync(zeros)], ["br", brotliCompressSync(zeros)]] as const) {
    assert.equal((await decompressed(body, encoding)).length, limit.bytes);
  }
});

Deno.test("A body may have at most five content encodings", async () => {
  const chain = Array(6).fill("gzip").join();
  assert.equal(
    await refused(bytes("x"), chain),
    "The body has 6 content encodings; expected at most 5",
  );
});

Deno.test("A charset in the content encoding, as Celery and Spring write it, is used for the text", async () => {
  const latin1 = Uint8Array.of(0x67, 0x72, 0xfc, 0xdf);
  const read = async (body: Uint8Array, contentEncoding: string, contentType?: string) => {
    const decoded = await decodeBody({ body, contentEncoding, contentType }, limit);
    return decoded.ok ? decoded.value : decoded.reason;
  };

  assert.equal(await read(latin1, "latin-1"), "grüß");
  assert.equal(await read(latin1, "latin-1", "text/plain"), "grüß");
  assert.equal(await read(gzipSync(latin1), "latin-1, gzip", "text/plain"), "grüß");
  assert.equal(await read(bytes("grüß"), "UTF-8", "text/plain"), "grüß");
  assert.equal(await read(bytes("grüß"), "latin-1", "text/plain; charset=utf-8"), "grüß");
  assert.deepEqual(await read(bytes('{"a":1}'), "utf-8", "application/json"), { a: 1 });
});

Deno.test("A body with an unknown content encoding is left to the handler, or refused with its name if it must be decoded", async () => {
  const zstd = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1);
  const read = (body: Uint8Array, contentEncoding: string, contentType?: string) =>
    decodeBody({ body, contentEncoding, contentType }, limit);

  assert.deepEqual(await read(zstd, "zstd"), { ok: true, value: zstd });
  assert.deepEqual(await read(zstd, "zstd", "application/octet-stream"), { ok: true, value: zstd });
  assert.deepEqual(await read(gzipSync(zstd), "zstd, gzip"), { ok: true, value: zstd });
  assert.deepEqual(await read(bytes("[1]"), "made-up", "application/json"), { ok: true, value: [1] });
  const refused = await read(zstd, "zstd", "application/json");
  assert.ok(!refused.ok);
  assert.match(
    refused.reason,
    /\(its content encoding 'zstd' is not known; known are gzip, deflate, br\)$/,
  );
});
