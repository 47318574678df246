import assert from "node:assert/strict";
import { hashesOf, hashOf, readRoute } from "../../../runtime/observe/page/state/route.js";

const read = (hash: string) => {
  const { view, id, query } = readRoute(hash);
  return [view, id, query.toString()];
};

Deno.test("The address says which view is shown, what is open in it, and the filter", () => {
  assert.deepEqual(read(""), ["functions", undefined, ""]);
  assert.deepEqual(read("#/runs"), ["runs", undefined, ""]);
  assert.deepEqual(read("#/runs/a-1?status=failed"), ["runs", "a-1", "status=failed"]);
  assert.deepEqual(read("#/queues/%E0%A4%A"), ["queues", "%E0%A4%A", ""]);
});

Deno.test("Any name is found again by its address", () => {
  for (const name of ["a/b", "a?b#c", "%", "%2F", " ", "ü", "../x", "\u202e", "ID", "<b>"]) {
    const query = new URLSearchParams({ search: name });
    for (const hash of [hashOf("runs", name, query), hashesOf("runs", query)(name)]) {
      assert.deepEqual(read(hash), ["runs", name, query.toString()], name);
    }
  }
});

Deno.test("A filter that is empty is not in the address", () => {
  assert.equal(hashOf("runs", undefined, { function: "", status: "failed" }), "#/runs?status=failed");
  assert.equal(hashesOf("runs", new URLSearchParams())("a"), "#/runs/a");
});
