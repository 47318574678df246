import assert from "node:assert/strict";
import { Recent } from "../../runtime/core/recent.ts";

Deno.test("The last keys are remembered, and the oldest is forgotten for each new one", () => {
  const recent = new Recent(3);
  for (const key of ["a", "b", "c", "d", "e"]) recent.add(key);

  assert.deepEqual(["a", "b", "c", "d", "e"].filter((key) => recent.has(key)), ["c", "d", "e"]);
});

Deno.test("A key that is added again takes no second place, and keeps its age", () => {
  const recent = new Recent(2);
  for (const key of ["a", "b", "a", "c"]) recent.add(key);

  assert.deepEqual(["a", "b", "c"].filter((key) => recent.has(key)), ["b", "c"]);
});

Deno.test("A key can come back after it was forgotten", () => {
  const recent = new Recent(1);
  for (const key of ["a", "b", "a"]) recent.add(key);

  assert.deepEqual(["a", "b"].filter((key) => recent.has(key)), ["a"]);
});
