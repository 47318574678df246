import assert from "node:assert/strict";
import { imports } from "../../runtime/host/imports.ts";

const at = (name: string) => `file:///functions/${name}`;
const texts = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [at(name), text]));
const of = (loaded: string[], files: Record<string, string>) =>
  imports(loaded.map(at), texts(files)).map((url) => url.replace(at(""), "")).sort();

Deno.test("A function needs what it loaded, and what it imports only later", () => {
  const files = {
    "a.ts": `import { x } from "./_lib/x.ts"; export const later = () => import("./_lib/later.ts");`,
    "_lib/x.ts": `export * from './y.ts';`,
    "_lib/y.ts": "",
    "_lib/later.ts": `import data from "../data.json" with { type: "json" };`,
    "data.json": "{}",
    "other.ts": "",
  };
  assert.deepEqual(of(["a.ts"], files), ["_lib/later.ts", "_lib/x.ts", "_lib/y.ts", "a.ts", "data.json"]);
});

Deno.test("What import goes round in a circle, or leads nowhere, is followed once", () => {
  assert.deepEqual(
    of(["a.ts"], { "a.ts": `import "./b.ts"`, "b.ts": `import "./a.ts"; import("./none.ts")` }),
    [
      "a.ts",
      "b.ts",
    ],
  );
});

Deno.test("Only texts that there are count, whatever a process says it loaded", () => {
  assert.deepEqual(imports(["file:///etc/passwd", "toString", "__proto__"], {}), []);
});
