import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import { Decimal, Timestamp } from "../../runtime/amqp/values.ts";
import { Raw, Reader, typed, Writer } from "../support/wire_fields.ts";

/** Headers as another client reads them, with their types. */
const written = (headers: Record<string, unknown>) =>
  new Reader(new Writer().longString(HeaderTable.of(headers).bytes).bytes, true).table();

/** Headers that another client wrote, as they are read. */
const read = (headers: Record<string, unknown>) => ({ ...tableOf(headers).values });

const tableOf = (headers: Record<string, unknown>) =>
  new HeaderTable(Buffer.from(new Writer().table(headers).bytes.subarray(4)));

const eight = (tag: string, value: bigint) =>
  new Raw(new Writer().raw(new TextEncoder().encode(tag)).uint(8, value).bytes);

const noUtf8 = Uint8Array.of(0xff, 0xfe);

Deno.test("Each kind of JavaScript value is written as its AMQP type", () => {
  const bytes = Uint8Array.of(0, 255);
  assert.deepEqual(
    written({
      text: "ä€😀",
      yes: true,
      nothing: null,
      at: new Date(1_700_000_000_999),
      sum: bytes,
      buffer: Buffer.from(bytes),
      array: bytes.buffer,
      view: new DataView(bytes.buffer, 1),
      list: [1, "a", bytes],
      table: { "!": 1, "": { at: new Date(0) } },
      left: undefined,
    }),
    {
      text: typed("S", "ä€😀"),
      yes: typed("t", true),
      nothing: typed("V", null),
      at: typed("T", new Date(1_700_000_000_000)),
      sum: typed("x", bytes),
      buffer: typed("x", bytes),
      array: typed("x", bytes),
      view: typed("x", bytes.subarray(1)),
      list: typed("A", [typed("b", 1), typed("S", "a"), typed("x", bytes)]),
      table: typed("F", { "!": typed("b", 1), "": typed("F", { at: typed("T", new Date(0)) }) }),
    },
  );
});

Deno.test("Numbers are written as the smallest integer that holds them, else as a double; bigints as 64 bits", () => {
  assert.deepEqual(
    written({ a: -128, b: 128, c: 32_768, d: -(2 ** 31) - 1, e: 0.1, f: -0, g: 2 ** 63, h: 1n }),
    {
      a: typed("b", -128),
      b: typed("s", 128),
      c: typed("I", 32_768),
      d: typed("l", -(2 ** 31) - 1),
      e: typed("d", 0.1),
      f: typed("d", -0),
      g: typed("d", 2 ** 63),
      h: typed("l", 1),
    },
  );
});

Deno.test("Header values that others wrote are read as JavaScript values, whatever their width", () => {
  assert.deepEqual(
    read({
      b: typed("b", -1),
      B: typed("B", 255),
      s: typed("s", -2),
      u: typed("u", 65_535),
      I: typed("I", -3),
      i: typed("i", 2 ** 32 - 1),
      l: eight("l", 2n ** 53n - 1n),
      beyond: eight("l", 2n ** 53n + 1n),
      least: eight("l", -(2n ** 63n)),
      L: eight("L", 9n),
      f: typed("f", 0.5),
      d: typed("d", 0.1),
      T: typed("T", new Date(1_700_000_000_000)),
      S: typed("S", noUtf8),
      x: typed("x", noUtf8),
      D: typed("D", [2, 1999]),
      V: null,
      A: [1, { "!": "timestamp", value: 1 }],
    }),
    {
      b: -1,
      B: 255,
      s: -2,
      u: 65_535,
      I: -3,
      i: 2 ** 32 - 1,
      l: 2 ** 53 - 1,
      beyond: 2n ** 53n + 1n,
      least: -(2n ** 63n),
      L: 9,
      f: 0.5,
      d: 0.1,
      T: new Date(1_700_000_000_000),
      S: noUtf8,
      x: noUtf8,
      D: new Decimal(2, 1999),
      V: null,
      A: [1, { "!": "timestamp", value: 1 }],
    },
  );
});

Deno.test("Header values without a JavaScript type, such as decimals, are passed on unchanged", () => {
  const values = read({
    price: typed("D", [2, 5]),
    whole: typed("D", [0, 7]),
    late: eight("T", 2n ** 64n - 1n),
  });

  assert.deepEqual(values.late, new Timestamp(2n ** 64n - 1n));
  assert.equal(JSON.stringify(values), '{"price":"0.05","whole":"7","late":"18446744073709551615"}');
  const { late, ...decimals } = values;
  assert.deepEqual(written(decimals), { price: typed("D", [2, 5]), whole: typed("D", [0, 7]) });
  assert.ok(HeaderTable.of({ late }).bytes.toHex().endsWith(`54${"ff".repeat(8)}`));
});

Deno.test("Every header value that can be sent is read as it was sent", () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  const leaf = fc.oneof(
    text,
    fc.boolean(),
    fc.constant(null),
    // Whole numbers above 2^53 are sent as integers, and read as bigints.
    fc.double({ noNaN: true, noDefaultInfinity: true })
      .filter((n) => !Number.isInteger(n) || Number.isSafeInteger(n) || Math.abs(n) >= 2 ** 63),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    fc.uint8Array({ maxLength: 20 }),
    fc.integer({ min: 0, max: 8_640_000_000_000 }).map((seconds) => new Date(seconds * 1000)),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.oneof(text, fc.constant("!")), tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(text, value, { maxKeys: 5, noNullPrototype: true }), (headers) => {
      assert.deepEqual({ ...HeaderTable.of(headers).values }, headers);
    }),
    { examples: [[{ zero: -0 }]] },
  );
});

const circle: Record<string, unknown> = {};
circle.again = [circle];
let deep: unknown = 1;
for (let i = 0; i < 1001; i++) deep = [deep];

for (
  const [what, headers, message] of [
    ["a function", { at: { x: () => {} } }, /^headers\.at\.x is a function; a header holds text, numbers/],
    ["a symbol", { "x-at": [Symbol("s")] }, /^headers\["x-at"\]\[0\] is a symbol/],
    ["undefined in a list", { list: [1, undefined] }, /^headers\.list\[1\] is undefined/],
    ["NaN", { ratio: NaN }, /^headers\.ratio is NaN; RabbitMQ takes finite numbers only$/],
    ["infinity", { ratio: -Infinity }, /^headers\.ratio is -Infinity/],
    [
      "an integer of 65 bits",
      { n: { big: 2n ** 63n } },
      /^headers\.n\.big is 9223372036854775808n; AMQP carries/,
    ],
    ["an integer below 64 bits", { n: -(2n ** 63n) - 1n }, /^headers\.n is -9223372036854775809n/],
    ["a circle", { circle }, /^headers\.circle\.again\[0\] contains itself$/],
    ["too many lists", { deep }, /^headers\.deep\[0\]\[0\]… is nested deeper than 1000$/],
    [
      "a long key",
      { at: { ["k".repeat(256)]: 1 } },
      /^headers\.at\["k{60}…"\] has a name of 256 bytes; .* 255$/,
    ],
    ["half a pair", { at: { x: "\ud800" } }, /^headers\.at\.x is not well-formed text/],
    [
      "half a pair in a key",
      { "\ud800": 1 },
      /^headers\["\\ud800"\] has a name that is not well-formed text/,
    ],
    ["a date that is none", { at: new Date(NaN) }, /^headers\.at is an invalid Date$/],
    ["a time before 1970", { at: new Date(-1) }, /^headers\.at is a time before 1970/],
    ["a map", { m: new Map([[1, 2]]) }, /^headers\.m is an instance of Map/],
    ["a class", { m: new (class Money {})() }, /^headers\.m is an instance of Money/],
    ["no headers", null, /^headers is null; expected an object/],
    ["a list of headers", [1], /^headers is an instance of Array; expected an object/],
  ] as const
) {
  Deno.test(`A header value that cannot be sent is an error that names it: ${what}`, () => {
    assert.throws(() => HeaderTable.of(headers as Record<string, unknown>), { name: "TypeError", message });
  });
}

Deno.test("Headers named '__proto__' and 'toString' are ordinary headers", () => {
  const headers = JSON.parse('{ "__proto__": { "__proto__": 1 }, "toString": 2 }');
  const { values } = HeaderTable.of(headers);

  assert.equal(Object.getPrototypeOf(values), null);
  assert.deepEqual(Object.keys(values), ["__proto__", "toString"]);
  assert.deepEqual(Object.keys(values.__proto__ as object), ["__proto__"]);
});
