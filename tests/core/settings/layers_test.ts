import assert from "node:assert/strict";
import { ceilingOf, layersOf } from "../../../runtime/core/settings/layers.ts";

Deno.test("Settings are merged in this order: defaults, the file, globs as written, the exact name", () => {
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

Deno.test("Without a config the settings come only from the file", () => {
  assert.deepEqual(layersOf("hello", { prefetch: 2 }, {}), [{}, { prefetch: 2 }]);
});

Deno.test("Permissions are taken only from the file, because those of deploy.config.ts are a ceiling", () => {
  const config = {
    defaults: { prefetch: 1, permissions: { net: true } },
    functions: { "*": { timeout: "1s", permissions: { env: ["KEY"] } } },
  } as const;
  assert.deepEqual(layersOf("mail", { permissions: { net: ["api.example"] } }, config), [
    { prefetch: 1 },
    { permissions: { net: ["api.example"] } },
    { timeout: "1s" },
  ]);
});

Deno.test("The ceiling is taken whole from the last matching entry that has one", () => {
  const functions = {
    "billing.charge": { permissions: { run: ["git"] } },
    "*": { permissions: { env: ["KEY"] } },
    "mail": { prefetch: 1 },
    "billing.*": { permissions: undefined },
  };
  const config = { defaults: { permissions: { net: true } }, functions };

  assert.deepEqual(ceilingOf("billing.charge", config), { run: ["git"] }, "the exact name comes last");
  assert.deepEqual(ceilingOf("mail", config), { env: ["KEY"] }, "not what 'defaults' say beside it");
  assert.deepEqual(ceilingOf("mail", { ...config, functions: {} }), { net: true });
  assert.deepEqual(ceilingOf("mail", { functions: { mail: { permissions: {} } } }), {});
  assert.equal(ceilingOf("mail", { defaults: { prefetch: 1 } }), undefined);
});

Deno.test("The operator's middleware is a setting of its own, which a file cannot replace", () => {
  const own = () => ({});
  const config = { defaults: { use: ["./a.ts"] }, functions: { "*": { use: ["./b.ts"] }, pay: { use: [] } } };
  assert.deepEqual(layersOf("mail", { use: [own] }, config), [
    { middleware: ["./a.ts"] },
    { use: [own] },
    { middleware: ["./b.ts"] },
  ]);
  assert.deepEqual(layersOf("pay", {}, config).at(-1), { middleware: [] });
});
