import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import { HeaderTable } from "../../runtime/amqp/header_table.ts";
import { typed, Writer } from "../support/wire_fields.ts";

const tableOf = (headers: Record<string, unknown>) =>
  new HeaderTable(Buffer.from(new Writer().table(headers).bytes.subarray(4)));

/** The bytes of one header. */
const bytesOf = (name: string, value: unknown) => new Writer().table({ [name]: value }).bytes.subarray(4);

Deno.test("Headers keep their bytes when others are removed and added", () => {
  const table = tableOf({ a: typed("I", 1), CC: ["x"], b: typed("s", 2), c: "old" });

  const left = table.filter((name) => name !== "CC").with({ c: "new", d: 3 });

  assert.equal(
    left.bytes.toHex(),
    Buffer.concat([
      bytesOf("a", typed("I", 1)),
      bytesOf("b", typed("s", 2)),
      bytesOf("c", "new"),
      bytesOf("d", typed("b", 3)),
    ])
      .toHex(),
  );
  assert.deepEqual({ ...left.values }, { a: 1, b: 2, c: "new", d: 3 });
  assert.deepEqual([left.has("CC"), left.get("CC"), left.has("a"), left.get("a")], [
    false,
    undefined,
    true,
    1,
  ]);
});

Deno.test("Items of a list in a header keep their bytes when others are removed", () => {
  const table = tableOf({ list: [{ n: typed("l", 1) }, { n: typed("l", 2) }], other: 1 });

  const left = table.filterList("list", (item) => (item as { n: number }).n !== 1);

  assert.equal(
    left.bytes.toHex(),
    Buffer.concat([bytesOf("other", 1), bytesOf("list", [{ n: typed("l", 2) }])]).toHex(),
  );
  assert.equal(table.filterList("list", () => true), table);
  assert.equal(table.filterList("other", () => false), table);
  assert.equal(table.filterList("none", () => false), table);
});

Deno.test("A changed header table is a copy, and the original stays the same", () => {
  const table = tableOf({ a: 1 });
  table.with({ a: 2 });
  assert.deepEqual({ ...table.values }, { a: 1 });
});

Deno.test("Random bytes are read as headers, or the reason is given", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
    const table = new HeaderTable(Buffer.from(random));
    const { unreadable, values } = table;
    assert.equal(Object.getPrototypeOf(values), null);
    assert.ok(unreadable === undefined || unreadable.length > 0);
    table.filter(() => false).with({ a: 1 });
  }));
});
