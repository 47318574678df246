import assert from "node:assert/strict";
import { newMessageId } from "../../runtime/core/message_id.ts";

Deno.test("A message id is a ULID of now, and no two are the same", () => {
  const before = Date.now();
  const ids = Array.from({ length: 10_000 }, newMessageId);
  const after = Date.now();

  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) {
    assert.match(id, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    assert.ok(before <= timeOf(id) && timeOf(id) <= after, `${id} is of ${timeOf(id)}`);
  }
});

Deno.test("Message ids sort as they were made", () => {
  const ids = Array.from({ length: 10_000 }, newMessageId);

  assert.deepEqual(ids.toSorted(), ids);
});

/** Milliseconds since 1970, in the first ten digits. */
function timeOf(id: string): number {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return [...id.slice(0, 10)].reduce((time, digit) => time * 32 + digits.indexOf(digit), 0);
}
