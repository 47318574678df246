import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Malformed } from "../../runtime/amqp/malformed.ts";
import { Output } from "../../runtime/amqp/output.ts";
import { Reader } from "../../runtime/amqp/reader.ts";
import { type Field, readTable, sameField, type Table, writeTable } from "../../runtime/amqp/table.ts";
import { checkField } from "../../runtime/amqp/table_scan.ts";

const read = (bytes: Buffer) => readTable(new Reader(bytes, 0, bytes.length));

function written(table: Table): Buffer {
  const out = new Output();
  writeTable(out, table);
  return out.copy();
}

const bytes = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 20 });
const leaf: fc.Arbitrary<Field> = fc.oneof(
  fc.boolean().map((value): Field => ({ type: "bool", value })),
  fc.integer({ min: -128, max: 127 }).map((value): Field => ({ type: "byte", value })),
  fc.integer({ min: -32768, max: 32767 }).map((value): Field => ({ type: "short", value })),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((value): Field => ({ type: "signedint", value })),
  fc.nat(2 ** 31).map((value): Field => ({ type: "unsignedint", value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Field => ({ type: "long", value })),
  fc.double({ noNaN: true }).map((value): Field => ({ type: "double", value })),
  bytes.map((value): Field => ({ type: "longstr", value })),
  bytes.map((value): Field => ({ type: "binary", value })),
  fc.constant<Field>({ type: "void", value: undefined }),
);
const { field } = fc.letrec<{ field: Field }>((tie) => ({
  field: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("field"), { maxLength: 3 }).map((value): Field => ({ type: "array", value })),
    fc.array(fc.tuple(bytes, tie("field")), { maxLength: 3 })
      .map((pairs): Field => ({ type: "table", value: new Map(pairs) })),
  ),
}));
const table = fc.array(fc.tuple(bytes, field), { maxLength: 6 }).map((pairs) => new Map(pairs));

Deno.test("A table with fields of every type is read as it was written", () => {
  fc.assert(fc.property(table, (table) => assert.deepEqual(read(written(table)), table)));
});

Deno.test("The same tables can be checked as can be read", () => {
  const passes = (bytes: Buffer) => {
    const fields = new Reader(bytes, 0, bytes.length);
    fields.skip(4);
    while (fields.left > 0) {
      fields.skip(fields.octet());
      checkField(fields);
    }
  };
  fc.assert(fc.property(table, (table) => passes(written(table))));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
    const bytes = Buffer.from([0, 0, 0, random.length, ...random]);
    const readable = outcome(() => read(bytes));
    assert.equal(outcome(() => passes(bytes)), readable);
  }));
});

function outcome(work: () => unknown): string {
  try {
    work();
    return "read";
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("Random bytes are read as a table or refused as Malformed", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
    try {
      read(Buffer.from(random));
    } catch (error) {
      assert.ok(error instanceof Malformed, String(error));
    }
  }));
});

Deno.test("A table that is nested so deep that it would exhaust the stack is malformed", () => {
  let nested: Field = { type: "bool", value: true };
  for (let depth = 0; depth < 2000; depth++) nested = { type: "array", value: [nested] };
  assert.throws(() => read(written(new Map([["a", nested]]))), Malformed);
});

Deno.test("Equal integers of different widths are the same, and an integer is never the same as a string", () => {
  const one: Field = { type: "byte", value: 1 };
  assert.ok(sameField(one, { type: "long", value: 1n }));
  assert.ok(!sameField(one, { type: "longstr", value: "1" }));
  assert.ok(!sameField(one, { type: "double", value: 1 }));
  const big: Field = { type: "long", value: 2n ** 53n };
  assert.ok(sameField(big, { type: "long", value: 2n ** 53n }));
  assert.ok(!sameField(big, { type: "long", value: 2n ** 53n + 1n }), "to the last digit");
});
