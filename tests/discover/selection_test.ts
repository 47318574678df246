import assert from "node:assert/strict";
import { everything, select } from "../../runtime/discover/selection.ts";

const files = ["billing.charge", "billing.refund", "mail"].map((name) => ({
  name,
  file: `functions/${name.replace(".", "/")}.ts`,
  path: `/functions/${name.replace(".", "/")}.ts`,
}));

const served = (...given: Parameters<typeof select> extends [unknown, ...infer Rest] ? Rest : never) =>
  select(files, ...given).files.map(({ name }) => name);

Deno.test("Without a selection every function is served", () => {
  assert.deepEqual(served(everything, {}), ["billing.charge", "billing.refund", "mail"]);
});

Deno.test("--only serves the functions that match one of its globs, and --except removes from those", () => {
  assert.deepEqual(served({ only: ["billing.*"], except: [] }, {}), ["billing.charge", "billing.refund"]);
  assert.deepEqual(served({ only: ["billing.*", "mail"], except: ["*.refund"] }, {}), [
    "billing.charge",
    "mail",
  ]);
  assert.deepEqual(served({ only: [], except: ["mail"] }, {}), ["billing.charge", "billing.refund"]);
});

Deno.test("A glob that matches no function is reported with a suggestion", () => {
  assert.deepEqual(select(files, { only: ["mial"], except: ["x.*"] }, {}).notices, [
    "--only 'mial' matches no function; did you mean 'mail'?",
    "--except 'x.*' matches no function",
  ]);
});

Deno.test("Functions that deploy.config.ts switches off are not served, and the last matching entry counts", () => {
  const config = {
    functions: {
      "billing.*": { enabled: false },
      "billing.charge": { enabled: true },
      "mail": { enabled: false },
    },
  };
  const selected = select(files, { only: [], except: ["mail"] }, config);
  assert.deepEqual(selected.files.map(({ name }) => name), ["billing.charge"]);
  assert.deepEqual(selected.notices, ["deploy.config.ts switches 'billing.refund' off: enabled is false"]);
  assert.deepEqual(served(everything, { defaults: { enabled: false } }), []);
});
