import assert from "node:assert/strict";
import fc from "fast-check";
import { decode, encode, encodeJson } from "../../../runtime/core/body/codec.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const value = (decoded: ReturnType<typeof decode>) => {
  if (!decoded.ok) assert.fail(decoded.reason);
  return decoded.value;
};
const reason = (decoded: ReturnType<typeof decode>) => {
  if (decoded.ok) assert.fail("It was read");
  return decoded.reason;
};

const notUtf8 = new Uint8Array([0xff, 0xfe, 0x00]);

Deno.test("A body is decoded by its content type", () => {
  assert.deepEqual(value(decode(bytes('{"id":7}'), "application/json")), { id: 7 });
  assert.deepEqual(value(decode(bytes("[1]"), "application/cloudevents+json")), [1]);
  assert.equal(value(decode(bytes("30"), "text/plain")), "30");
  assert.equal(value(decode(bytes("<p>"), "text/html")), "<p>");
  assert.deepEqual(value(decode(bytes("30"), "application/octet-stream")), bytes("30"));
  assert.deepEqual(value(decode(bytes("%PDF"), "application/pdf")), bytes("%PDF"));
});

Deno.test("Parameters and case of the content type do not matter when a body is decoded", () => {
  assert.equal(value(decode(bytes("30"), "Application/JSON; charset=utf-8")), 30);
  assert.equal(value(decode(bytes("30"), " text/plain;charset=UTF-8")), "30");
});

Deno.test("A body without a content type is decoded as JSON, else as text, else as bytes", () => {
  for (const none of [undefined, ""]) {
    assert.equal(value(decode(bytes("30"), none)), 30);
    assert.equal(value(decode(bytes("hello"), none)), "hello");
    assert.equal(value(decode(bytes(""), none)), "");
    assert.deepEqual(value(decode(notUtf8, none)), notUtf8);
  }
});

Deno.test("The option 'codec' overrides the content type", () => {
  assert.equal(value(decode(bytes("30"), "application/json", "text")), "30");
  assert.equal(value(decode(bytes("30"), "application/octet-stream", "json")), 30);
  assert.deepEqual(value(decode(bytes("30"), "application/json", "bytes")), bytes("30"));
  assert.equal(value(decode(bytes("30"), undefined, "text")), "30");
});

Deno.test("A body that does not match its content type is refused with the reason", () => {
  assert.match(reason(decode(bytes("{id:7}"), "application/json")), /^The body is not JSON: ./);
  assert.match(reason(decode(bytes(""), "application/json")), /^The body is not JSON: ./);
  assert.equal(reason(decode(notUtf8, "application/json")), "The body is not UTF-8 text");
  assert.equal(reason(decode(notUtf8, "text/plain")), "The body is not UTF-8 text");
  assert.equal(reason(decode(bytes("\u00e9").subarray(0, 1), "text/plain")), "The body is not UTF-8 text");
});

Deno.test("A body that cannot be decoded does not affect the next one", () => {
  reason(decode(bytes("\u00e9").subarray(0, 1), "text/plain"));
  assert.equal(value(decode(bytes("fine"), "text/plain")), "fine");
});

Deno.test("A byte order mark is removed from a text", () => {
  const marked = new Uint8Array([0xef, 0xbb, 0xbf, ...bytes("[1]")]);
  assert.deepEqual(value(decode(marked, "application/json")), [1]);
  assert.equal(value(decode(marked, "text/plain")), "[1]");
});

Deno.test("JSON that is nested deeper than 1000 is refused, because code that walks it would overflow its stack", () => {
  const nested = (depth: number) => bytes("[".repeat(depth) + "]".repeat(depth));

  assert.ok(decode(nested(1000), "application/json").ok);
  assert.equal(
    reason(decode(nested(1001), "application/json")),
    "The body is JSON nested deeper than 1000",
  );
  assert.equal(
    reason(decode(bytes('{"a":'.repeat(100_000)), "application/json")),
    "The body is JSON nested deeper than 1000",
  );
  assert.equal(
    typeof value(decode(nested(100_000), undefined)),
    "string",
    "without a content type it is text",
  );
});

Deno.test("The depth of JSON does not count brackets in strings or side by side", () => {
  assert.ok(decode(bytes(`["${"[".repeat(5000)}"]`), "application/json").ok);
  assert.ok(decode(bytes(`["\\"${"[".repeat(5000)}\\\\"]`), "application/json").ok);
  assert.ok(decode(bytes(`[${Array(5000).fill("[]").join()}]`), "application/json").ok);
});

Deno.test("JSON with a string that never ends is refused quickly", () => {
  assert.match(reason(decode(bytes(`"${"\\".repeat(5001)}`), "application/json")), /^The body is not JSON/);
});

Deno.test("A body of 16 MiB is decoded", () => {
  const text = "x".repeat(16 * 1024 * 1024);
  assert.equal(value(decode(bytes(text), "text/plain")), text);
  assert.equal(value(decode(bytes(JSON.stringify(text)), "application/json")), text);
  assert.equal((value(decode(bytes(text), "image/png")) as Uint8Array).length, text.length);
  assert.equal(value(decode(bytes(text), undefined)), text);
});

Deno.test("Text is encoded as text, bytes as bytes, and everything else as JSON", () => {
  assert.deepEqual(encode("hello"), { body: bytes("hello"), contentType: "text/plain; charset=utf-8" });
  assert.deepEqual(encode(notUtf8), { body: notUtf8, contentType: "application/octet-stream" });
  assert.deepEqual(encode({ id: 7 }), { body: bytes('{"id":7}'), contentType: "application/json" });
  assert.deepEqual(encode(undefined), { body: bytes("null"), contentType: "application/json" });
  assert.deepEqual(encodeJson("30"), { body: bytes('"30"'), contentType: "application/json" });
});

Deno.test("A value that JSON cannot hold is an error that says what can be sent", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;

  assert.throws(() => encode(() => 1), {
    name: "ArgumentError",
    message: "body is a function, which JSON cannot hold: write its result",
  });
  assert.throws(() => encode(Symbol("x")), TypeError);
  assert.throws(() => encode(5n), TypeError);
  assert.throws(() => encode(circular), TypeError);
});

Deno.test("A value that is encoded and decoded is the same", () => {
  const sendable = fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }), fc.uint8Array());
  fc.assert(fc.property(sendable, (sent) => {
    const { body, contentType } = encode(sent);
    const expected = typeof sent === "string" || sent instanceof Uint8Array
      ? sent
      : JSON.parse(JSON.stringify(sent));
    // A byte order mark at the start of a text is removed.
    if (typeof sent === "string" && sent.startsWith("\ufeff")) return;
    assert.deepEqual(value(decode(body, contentType)), expected);
  }));
});

Deno.test("Decoding never throws, whatever the body and the content type", () => {
  const codecs = fc.constantFrom("json" as const, "text" as const, "bytes" as const, undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.option(fc.string()), codecs, (body, type, codec) => {
      const decoded = decode(body, type ?? undefined, codec);
      assert.ok(decoded.ok || decoded.reason.startsWith("The body is "));
    }),
  );
});

Deno.test("Text is decoded in the charset that its content type names", () => {
  const read = (body: Uint8Array, contentType: string) => value(decode(body, contentType));
  const latin1 = Uint8Array.of(0x67, 0x72, 0xfc, 0xdf);

  for (const name of ["latin1", "latin-1", "iso-8859-1", "ISO-8859-15", '"windows-1252"', "latin1; x=y"]) {
    assert.equal(read(latin1, `text/plain; charset=${name}`), "grüß", name);
  }
  assert.equal(read(bytes("grüß"), "text/plain; charset=us-ascii"), "grüß");
  assert.equal(read(Uint8Array.of(0xcf, 0xf0), "text/plain; charset=windows-1251"), "Пр");
  assert.equal(read(Uint8Array.of(0x93, 0xfa), "text/plain;charset=Shift_JIS"), "日");
  const utf16 = (bom: number[], ...units: number[]) => Uint8Array.of(...bom, ...units);
  assert.equal(read(utf16([0xff, 0xfe], 0x41, 0), "text/plain; charset=utf-16"), "A");
  assert.equal(read(utf16([0xfe, 0xff], 0, 0x41), "text/plain; charset=utf-16"), "A");
  assert.deepEqual(
    read(
      Uint8Array.of(...[..."[7]"].flatMap((letter) => [0, letter.charCodeAt(0)])),
      "application/json; charset=utf-16be",
    ),
    [7],
  );
  assert.equal(read(Uint8Array.of(0x22, 0xfc, 0x22), "application/vnd.api+json; charset=latin1"), "ü");
});

Deno.test("An unknown charset, or bytes that are not in the charset, are reported", () => {
  assert.equal(
    reason(decode(bytes("x"), "text/plain; charset=utf-7")),
    "The body's charset 'utf-7' is not known",
  );
  assert.equal(
    reason(decode(Uint8Array.of(0x93), "text/plain; charset=shift_jis")),
    "The body is not text in shift_jis",
  );
  const deep = bytes("[".repeat(2000));
  assert.match(reason(decode(deep, "application/json; charset=latin1")), /nested deeper/);
});

Deno.test("JSON without a content type stays text if it has a number that JavaScript would change", () => {
  const stays = [
    ...["1234567890123456789", "-1234567890123456789", "9007199254740993", "0.12345678901234567", "1e400"],
    ...["1e-400", '{"id":1234567890123456789}', '["\\"",12345678901234567890]', "1".repeat(400)],
    ...[`1${"0".repeat(500_000)}1`, "3.14159265358979323846"],
  ];
  for (const text of stays) assert.equal(value(decode(bytes(text), undefined)), text);

  const read: [string, unknown][] = [
    ["123456789012345680", 123456789012345680],
    ["9007199254740992", 9007199254740992],
    ["1.50", 1.5],
    ["0.000000000000000000001", 1e-21],
    ["1e300", 1e300],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["-0", -0],
    ['{"id":"1234567890123456789"}', { id: "1234567890123456789" }],
    ['["1234567890123456789\\"",1]', ['1234567890123456789"', 1]],
  ];
  for (const [text, number] of read) assert.deepEqual(value(decode(bytes(text), undefined)), number);
  assert.equal(value(decode(bytes("1234567890123456789"), "application/json")), 1234567890123456800);
});

Deno.test("Every number that JavaScript encodes is decoded as the same number", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
    assert.equal(value(decode(bytes(String(number)), undefined)), number === 0 ? 0 : number);
  }));
});
