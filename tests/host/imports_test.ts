import assert from "node:assert/strict";
import { imports, packagesIn } from "../../runtime/host/imports.ts";

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

Deno.test("Packages are what is imported neither by path nor by address, and is no part of Deno or Hopper", () => {
  const text = `import { z } from "zod";
    import{y}from'npm:ms@2.1.3';
    export * from "@scope/name/part";
    import "side-effect";
    const later = () => import("npm:later@1");
    import { rpc } from "hopper";
    import "hopper/client";
    import "node:fs";
    import "./x.ts";
    import "/abs.ts";
    import "https://example.com/x.ts";
    import("jsr:@std/path");
    import("data:text/javascript,1");`;
  assert.deepEqual(packagesIn([text, text]), [
    "zod",
    "npm:ms@2.1.3",
    "@scope/name/part",
    "side-effect",
    "npm:later@1",
  ]);
});
