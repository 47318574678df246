import assert from "node:assert/strict";
import { cases, chosenCases } from "./cases.ts";

const idsOf = (names?: readonly string[]) => chosenCases(names).map(({ id }) => id);

Deno.test("Cases are chosen by their ids, or by how these begin, and all of them without a choice", () => {
  assert.deepEqual(idsOf(["consume-1"]), ["consume-1"]);
  assert.deepEqual(idsOf(["rpc", "consume-16k"]), ["consume-16k", "rpc-1", "rpc-64"]);
  assert.deepEqual(idsOf(["nothing"]), []);
  assert.equal(chosenCases(undefined), cases);
});
