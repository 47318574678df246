import assert from "node:assert/strict";
import { layersOf } from "../../runtime/core/layers.ts";

Deno.test("Layers lie as: defaults, the file, the globs as written, the exact name", () => {
  const layers = layersOf("billing.charge", { prefetch: 2 }, {
    defaults: { prefetch: 1 },
    functions: {
      "billing.charge": { prefetch: 5 },
      "*": { prefetch: 3 },
      "hello": { prefetch: 9 },
      "billing.*": { prefetch: 4 },
    },
  });
  assert.deepEqual(layers.map(({ prefetch }) => prefetch), [1, 2, 3, 4, 5]);
});

Deno.test("Without a config there is the file alone", () => {
  assert.deepEqual(layersOf("hello", { prefetch: 2 }, {}), [{}, { prefetch: 2 }]);
});
