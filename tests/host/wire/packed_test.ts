import assert from "node:assert/strict";
import fc from "fast-check";
import { pack, TooDeep, unpack } from "../../../runtime/host/wire/packed.ts";

/** Packs and unpacks a value through JSON. */
const sent = (value: unknown) => unpack(JSON.parse(JSON.stringify(pack(value))));

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

Deno.test("Values arrive unchanged, also those that JSON cannot hold", () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.double(),
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 20 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, tie("list"), tie("object")),
    list: fc.array(tie("value"), { maxLength: 4 }),
    object: fc.dictionary(fc.oneof(fc.string(), fc.constant("$"), fc.constant("__proto__")), tie("value"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  }));
  fc.assert(fc.property(value, (value) => assert.deepEqual(sent(value), value)), { examples: [[-0], [NaN]] });
});

Deno.test("The keys '__proto__' and '$' are packed as ordinary keys", () => {
  const value = JSON.parse('{ "__proto__": { "polluted": 1 }, "$": "bytes", "value": "x" }');
  const arrived = sent(value) as Record<string, unknown>;

  assert.deepEqual(Object.keys(arrived), ["__proto__", "$", "value"]);
  assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
  assert.equal((arrived as { polluted?: unknown }).polluted, undefined);
});

Deno.test("Packed functions and schemas arrive as placeholders that throw when they are called", () => {
  const schema = { "~standard": { version: 1, vendor: "test", validate: () => ({ value: 1 }) } };
  const { handler, input } = sent({ handler: () => 1, input: schema }) as {
    handler: () => void;
    input: typeof schema;
  };

  assert.throws(handler, /^Error: It can only be called in the function's own process$/);
  assert.throws(input["~standard"].validate);
});

Deno.test("A value is packed the same however often it was packed before", () => {
  const schema = { "~standard": { version: 1, vendor: "zod", validate: () => {}, jsonSchema: {} } };
  const values = [
    schema,
    { "~standard": null },
    { "~standard": { vendor: 1 } },
    Symbol("s"),
    new Map(),
    /x/,
    () => {},
  ];
  for (const value of values) {
    const once = pack(value);
    assert.deepEqual(pack(unpack(once)), once);
    assert.deepEqual(pack(unpack(pack(unpack(once)))), once);
  }
});

Deno.test("A value that is nested too deep, or in a circle, is neither packed nor unpacked", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;

  assert.deepEqual(sent(nested(1001)), nested(1001));
  assert.throws(() => pack(nested(1002)), TooDeep);
  assert.throws(() => pack(circle), TooDeep);
  assert.throws(() => unpack(nested(1002)), TooDeep);
  assert.throws(() => unpack(JSON.parse("[".repeat(500_000) + "]".repeat(500_000))), TooDeep);
  const tagged = JSON.parse('{"$":"object","value":[["a",'.repeat(5000) + "1" + "]]}".repeat(5000));
  assert.throws(() => unpack(tagged), TooDeep);
});

Deno.test("Malformed packed values are unpacked or refused with an error", () => {
  for (
    const value of [
      { $: "bigint", value: "x" },
      { $: "bytes", value: "%" },
      { $: "object", value: 5 },
      { $: "object", value: [5] },
      { $: "date" },
      { $: "number", value: {} },
      { $: "schema", value: { toString: 1 } },
      { $: {}, value: {} },
      { $: null },
      { $: "unheard of" },
    ]
  ) {
    try {
      unpack(JSON.parse(JSON.stringify(value)));
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
});
