import assert from "node:assert/strict";
import fc from "fast-check";
import { HeaderTable } from "../../../runtime/amqp/header_table.ts";
import type { Headers } from "../../../runtime/core/ports/headers.ts";
import {
  carriedHeaders,
  deadLetterHeaders,
  earlierHeader,
  movedHeaders,
  originalHeaders,
  replayedHeaders,
  republishedHeaders,
  wasReplayed,
} from "../../../runtime/core/ports/moved_headers.ts";

const ours = [...Object.values(movedHeaders), ...Object.values(deadLetterHeaders)];
const names = fc.constantFrom("tenant", "__proto__", earlierHeader, ...ours);
const anyHeaders = fc.dictionary(names, fc.oneof(fc.integer(), fc.string()), { noNullPrototype: true });
const written = Object.fromEntries(
  ours.filter((name) => name !== movedHeaders.replays && name !== deadLetterHeaders.dropped).map((
    name,
  ) => [name, "written on the way"]),
);
const table = (headers: Record<string, unknown>) => HeaderTable.of(headers);
const plain = ({ values }: Headers) => Object.fromEntries(Object.entries(values));

Deno.test("A moved message that comes back has its original headers, whatever they are", () => {
  fc.assert(fc.property(anyHeaders, (headers) => {
    const moved = carriedHeaders(table(headers)).with(written);
    assert.deepEqual(plain(originalHeaders(moved)), headers);
    const again = carriedHeaders(originalHeaders(moved)).with(written);
    assert.deepEqual(plain(originalHeaders(again)), headers, "and once more");
  }));
});

Deno.test("A replay removes the failure's headers, restores the original ones, and counts itself", () => {
  const headers = { tenant: "a", [deadLetterHeaders.error]: "an earlier one" };
  const letter = carriedHeaders(table(headers)).with({ ...written, [movedHeaders.replays]: 2 });

  const replayed = replayedHeaders(letter);
  assert.equal(wasReplayed(letter), false);
  assert.equal(wasReplayed(replayed), true);
  assert.deepEqual(plain(originalHeaders(replayed)), { ...headers, [movedHeaders.replays]: 3 });
  assert.deepEqual(plain(republishedHeaders(letter)), { ...headers, [movedHeaders.replays]: 3 });
});

Deno.test("The headers CC, BCC and x-delivery-count are removed when a message is moved", () => {
  const headers = table({ CC: ["bank"], BCC: ["bank"], "x-delivery-count": 3, tenant: "a" });
  assert.deepEqual(plain(carriedHeaders(headers)), { tenant: "a" });
  assert.deepEqual(plain(replayedHeaders(headers)), { tenant: "a", [movedHeaders.replays]: 1 });
  assert.deepEqual(plain(republishedHeaders(headers)), { tenant: "a", [movedHeaders.replays]: 1 });
});

Deno.test("A header for earlier headers that is not a table is ignored", () => {
  for (const odd of [1, "a", null, [1], new Uint8Array(2)]) {
    assert.deepEqual(plain(originalHeaders(table({ a: 1, [earlierHeader]: odd }))), { a: 1 });
  }
});
