/** Code that a process is given as text, and what it may import; the files are on no disk. */

import assert from "node:assert/strict";
import type { LoadedThere } from "../../runtime/host/load_into.ts";
import { loadTexts, nowhere, withProcesses } from "../support/processes.ts";

/** Loads files in one process after the other, each in a process that has loaded nothing. */
async function load(files: Record<string, string>): Promise<LoadedThere> {
  await using processes = await withProcesses();
  return await loadTexts(await processes.start(), files);
}

/** A file that declares a queue named as the expression says. */
const names = (expression: string, before = "") =>
  `import { queue } from "hopper";\n${before}\nexport default queue(String(${expression}), () => {});`;

async function named(files: Record<string, string>): Promise<string> {
  const loaded = await load(files);
  assert.equal(loaded.kind, "declaration", JSON.stringify(loaded));
  const { trigger } = (loaded as LoadedThere & { kind: "declaration" }).declaration;
  return (trigger as { queue: string }).queue;
}

async function problem(files: Record<string, string>) {
  const loaded = await load(files);
  assert.equal(loaded.kind, "problem");
  const { problem } = loaded as LoadedThere & { kind: "problem" };
  return { ...problem, message: problem.message.replaceAll(nowhere, "") };
}

Deno.test("A file is loaded from its text, with its types, and what it is says where it stands", async () => {
  const loaded = await load({
    "orders.ts": `import { queue } from "hopper";
      interface Order { readonly id: number }
      const name: string = "orders" satisfies string;
      export default queue(name, (order: Order): number => order.id);`,
  });

  assert.ok(loaded.kind === "declaration");
  assert.deepEqual(loaded.declaration.trigger, { kind: "queue", queue: "orders" });
  assert.equal(loaded.place.line, 4);
});

Deno.test("Text, JSON and JavaScript are imported, from wherever they lie below the folder", async () => {
  const imported = await named({
    "a/orders.ts": names(
      "[json.n, text, js, later]",
      `import json from "../_data/n.json" with { type: "json" };
       import text from "../_data/t.txt" with { type: "text" };
       import { js } from "../_lib/js.js";
       const { later } = await import("../_lib/" + "later.ts");`,
    ),
    "_data/n.json": '{ "n": 1 }',
    "_data/t.txt": "it's `text`\n",
    "_lib/js.js": 'export const js = "js";',
    "_lib/later.ts": "export const later: string = `later`;",
  });

  assert.equal(imported, "1,it's `text`\n,js,later");
});

Deno.test("What is more than a type is compiled, and errors still name the file and the line", async () => {
  const text = names("Kind.b", "enum Kind { a = 1, b }");
  assert.equal(await named({ "kinds.ts": text }), "2");

  const { message, line } = await problem({
    "kinds.ts": `enum Kind { a }\n\nconsole.log(Kind.a);\nKind.x.y;`,
  });
  assert.match(message, /^The file fails to load: TypeError: Cannot read properties of undefined/);
  assert.equal(line, 4);
});

Deno.test("Packages that deno.json names are imported, whatever kind of module they are", async () => {
  const imported = await named({
    "packages.ts": names(
      "[typeof z.object, typeof amqp.connect, typeof readFileSync]",
      `import { z } from "zod"; import amqp from "amqplib"; import { readFileSync } from "node:fs";`,
    ),
  });
  assert.equal(imported, "function,function,function");
});

Deno.test("Files that import each other are loaded, and every one of them is noted", async () => {
  const loaded = await load({
    "a.ts": names("b", `import { b } from "./_b.ts"; export const a = 1;`),
    "_b.ts": `import * as a from "./a.ts"; import "./_c.ts"; export const b = typeof a;`,
    "_c.ts": "",
    "_unused.ts": "",
  });

  const files = loaded.loaded.map((url) => url.slice(`file://${nowhere}`.length));
  assert.deepEqual(files.sort(), ["_b.ts", "_c.ts", "a.ts"]);
});

Deno.test("What cannot be imported is told, with what to do", async () => {
  const fix = "check the import's path, or add the package to deno.json";
  const told = async (from: string) => {
    const { message, fix: told } = await problem({ "f.ts": `import "${from}";` });
    assert.equal(told, fix);
    return message.replace("The file fails to load: TypeError: ", "");
  };

  assert.equal(await told("./missing.ts"), 'Module not found "missing.ts"');
  assert.match(
    await told("../../etc/passwd"),
    /^Import "\/etc\/passwd" lies outside of the functions folder, and the function may not read it; move it/,
  );
  assert.match(await told("file:///etc/passwd"), /^Import "\/etc\/passwd" lies outside/);
  assert.equal(await told("nope-package"), 'Import "nope-package" is no package that deno.json names');
  assert.equal(
    await told("https://deno.land/x/y.ts"),
    'Import "https://deno.land/x/y.ts" lies elsewhere, and functions fetch no code',
  );
  assert.equal(
    await told("hopper/client"),
    'Import "hopper/client" is for other programs; handlers have ctx.send, publish and call',
  );
});

Deno.test("A syntax error is told with its place, whether Deno or V8 finds it", async () => {
  const types = await problem({ "f.ts": "\nconst n: number[ = 1;" });
  assert.match(types.message, /^Syntax error: Unexpected token `=`/);
  assert.deepEqual([types.line, types.column], [2, 18]);

  const twice = await problem({ "f.ts": "let a = 1;\nlet a = 2;" });
  assert.equal(twice.message, "Syntax error: Identifier 'a' has already been declared");
  assert.deepEqual([twice.line, twice.column], [2, 5]);
});

Deno.test("A fault in a file that is imported names that file", async () => {
  const { message } = await problem({
    "f.ts": names("vat", `import { vat } from "./_vat.ts";`),
    "_vat.ts": `export const vat = 1;\n(undefined as never as { rate: number }).rate;`,
  });
  assert.match(message, /reading 'rate'.* \(in _vat\.ts:2:\d+\)$/);
});

Deno.test("An own hook for imports opens nothing", async () => {
  const { message } = await problem({
    "f.ts": `import { registerHooks } from "node:module";
      registerHooks({
        resolve: (specifier, context, next) => specifier === "secret" ? { url: "file:///etc/passwd", shortCircuit: true } : next(specifier, context),
      });
      await import("sec" + "ret", { with: { type: "text" } });`,
  });
  assert.match(message, /Requires read access to "\/etc\/passwd"/);
});
