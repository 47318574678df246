import assert from "node:assert/strict";
import fc from "fast-check";
import { pack, TooDeep, unpack } from "../../../runtime/host/wire/packed.ts";

/** There and back, by way of JSON. */
const sent = (value: unknown) => unpack(JSON.parse(JSON.stringify(pack(value))));

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

Deno.test("What JSON holds, and what it does not, arrives as it was", () => {
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

Deno.test("Keys that mean something elsewhere are keys", () => {
  const value = JSON.parse('{ "__proto__": { "polluted": 1 }, "$": "bytes", "value": "x" }');
  const arrived = sent(value) as Record<string, unknown>;

  assert.deepEqual(Object.keys(arrived), ["__proto__", "$", "value"]);
  assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
  assert.equal((arrived as { polluted?: unknown }).polluted, undefined);
});

Deno.test("Functions and schemas stand for themselves, and cannot be called", () => {
  const schema = { "~standard": { version: 1, vendor: "test", validate: () => ({ value: 1 }) } };
  const { handler, input } = sent({ handler: () => 1, input: schema }) as {
    handler: () => void;
    input: typeof schema;
  };

  assert.throws(handler, /^Error: It can only be called in the function's own process$/);
  assert.throws(input["~standard"].validate);
});

Deno.test("What is nested too deep, or in a circle, is refused both ways", () => {
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

Deno.test("What nobody packed is a value or an error, never anything worse", () => {
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
