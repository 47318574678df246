/** A function file is loaded as `deno run` loads it: all that Deno accepts, however it is imported. */

import assert from "node:assert/strict";
import { withFolder } from "../support/folder.ts";
import { hopperImports, withFunctions } from "../support/functions.ts";

const config = (more: Record<string, unknown> = {}) =>
  JSON.stringify({ imports: { ...hopperImports, "@/": "./", "@lib/": "./functions/_lib/" }, ...more });

/** An rpc that returns the value of the expression. */
const returns = (expression: string, before = "") =>
  `import { rpc } from "hopper";\n${before}\nexport default rpc("f", async () => (${expression}));`;

/** What can be loaded: for each name the files and what the function returns. */
const loads: Record<string, { files: Record<string, string>; gives: unknown; config?: string }> = {
  "A type that is imported without 'type'": {
    files: {
      "functions/f.ts":
        `import { Context, rpc } from "hopper";\nimport { Order } from "./_types.ts";\nexport default rpc("f", (o: Order, c: Context) => c.name);`,
      "functions/_types.ts": "export interface Order { id: number }",
    },
    gives: "f",
  },
  "A file with an enum, a namespace and a parameter property": {
    files: {
      "functions/f.ts": returns(
        "[Kind.b, N.x, new P(3).n]",
        "enum Kind { a = 1, b }\nnamespace N { export const x = 5; }\nclass P { constructor(readonly n: number) {} }",
      ),
    },
    gives: [2, 5, 3],
  },
  "A file with a decorator and an accessor": {
    files: {
      "functions/f.ts": returns(
        "new A().x",
        "function twice(target: any, _: any) { return { ...target, init: (n: number) => 2 * n }; }\nclass A { @twice accessor x = 4; }",
      ),
    },
    gives: 8,
  },
  "A file with legacy decorators, by compilerOptions,": {
    files: {
      "functions/f.ts": returns(
        "seen",
        "const seen: string[] = [];\nfunction see(_: any, key: string) { seen.push(key); }\nclass A { @see x = 1; }\nnew A();",
      ),
    },
    config: config({ compilerOptions: { experimentalDecorators: true } }),
    gives: ["x"],
  },
  "A .tsx file with a .jsx helper": {
    files: {
      "functions/f.tsx":
        `/** @jsx h */\nimport { rpc } from "hopper";\nimport { h, b } from "./_h.jsx";\nexport default rpc("f", () => [<a href="x" />, b]);`,
      "functions/_h.jsx":
        "/** @jsx h */\nexport const h = (tag, props) => ({ tag, props });\nexport const b = <b />;",
    },
    gives: [{ tag: "a", props: { href: "x" } }, { tag: "b", props: null }],
  },
  "A file with helpers in .mts, .cts, .mjs and .cjs": {
    files: {
      "functions/f.mts": returns(
        "[a, b, c, d.d]",
        `import { a } from "./_a.mts"; import { b } from "./_b.cts"; import { c } from "./_c.mjs"; import d from "./_d.cjs";`,
      ),
      "functions/_a.mts": "export const a: number = 1;",
      "functions/_b.cts": "exports.b = 2 as number;",
      "functions/_c.mjs": "export const c = 3;",
      "functions/_d.cjs": "module.exports = { d: 4 };",
    },
    gives: [1, 2, 3, 4],
  },
  "A file that imports JSON, even large, and text with any extension,": {
    files: {
      "functions/f.ts": returns(
        "[json.n, xml, big.length]",
        `import json from "./_n.json" with { type: "json" };
         import xml from "./_x.svg" with { type: "text" };
         import big from "./_big.json" with { type: "json" };`,
      ),
      "functions/_n.json": '{ "n": 1 }',
      "functions/_x.svg": "<svg/>",
      "functions/_big.json": JSON.stringify(Array(300_000).fill(12345)),
    },
    gives: [1, "<svg/>", 300_000],
  },
  "A function of more than a megabyte": {
    files: { "functions/f.ts": returns("text.length", `const text = "${"x".repeat(1_200_000)}";`) },
    gives: 1_200_000,
  },
  "An import by an alias to a file of the project outside the functions folder": {
    files: {
      "functions/f.ts": returns("x", `import { x } from "@/lib/x.ts";`),
      "lib/x.ts": "export const x = 7;",
    },
    gives: 7,
  },
  "A file with imports in the handler, by alias, as a template and by a joined path,": {
    files: {
      "functions/f.ts": returns(
        '[(await import("@lib/a.ts")).a, (await import(`./_lib/b.ts`)).b, (await import(`./_lib/${name}.ts`)).c]',
        'const name = "c";',
      ),
      "functions/_lib/a.ts": "export const a = 1;",
      "functions/_lib/b.ts": "export const b = 2;",
      "functions/_lib/c.ts": "export const c = 3;",
    },
    gives: [1, 2, 3],
  },
  "An import with a computed path to a file that the function may read": {
    files: {
      "functions/f.ts":
        `import { rpc } from "hopper";\nexport default rpc("f", { permissions: { read: [new URL("./_lib", import.meta.url).pathname] } }, async () =>
          (await import(new URL("./_lib/" + ["a", "ts"].join("."), import.meta.url).href)).a);`,
      "functions/_lib/a.ts": "export const a = 1;",
    },
    gives: 1,
  },
  "A file that uses import.meta.url, dirname and filename": {
    files: {
      "functions/deep/f.ts": returns(
        '[import.meta.url.split("/").slice(-3).join("/"), import.meta.dirname!.split("/").slice(-2).join("/"), import.meta.filename!.split("/").at(-1)]',
      ),
    },
    gives: ["functions/deep/f.ts", "functions/deep", "f.ts"],
  },
  "A CommonJS package with dependencies, by its name and version,": {
    files: { "functions/f.ts": returns("qs.stringify({ a: [1, 2] })", `import qs from "npm:qs@6.14.0";`) },
    gives: "a%5B0%5D=1&a%5B1%5D=2",
  },
  "A package that is imported only in the handler": {
    files: { "functions/f.ts": returns('(await import("npm:ms@2.1.3")).default("2s")') },
    gives: 2000,
  },
  "A package that lists the environment variables while it loads": {
    files: { "functions/f.ts": returns("typeof debug", `import debug from "npm:debug@4.4.3";`) },
    gives: "function",
  },
  "A workspace member that deno.json names": {
    files: {
      "functions/f.ts": returns("m", `import { m } from "@acme/m";`),
      "packages/m/deno.json": `{ "name": "@acme/m", "version": "1.0.0", "exports": "./mod.ts" }`,
      "packages/m/mod.ts": "export const m = 3;",
    },
    config: config({ workspace: ["./packages/m"] }),
    gives: 3,
  },
};

for (const [what, { files, gives, config: denoJson = config() }] of Object.entries(loads)) {
  Deno.test(`${what} is loaded`, async () => {
    await using functions = await withFunctions({ "deno.json": denoJson, ...files });
    const { functions: [declared] } = await functions.read();
    assert.deepEqual(await functions.problems(), {});
    assert.deepEqual(await functions.result(declared!.name), gives);
  });
}

Deno.test("A package is loaded from node_modules if the project has it there", async () => {
  await using functions = await withFunctions({
    "deno.json": config(),
    "package.json": `{ "dependencies": { "three": "1.0.0" } }`,
    "node_modules/three/package.json": `{ "name": "three", "version": "1.0.0", "main": "index.js" }`,
    "node_modules/three/index.js": "module.exports = require('./n.js') + 1;",
    "node_modules/three/n.js": "module.exports = 2;",
    "functions/f.ts": returns("three", `import three from "three";`),
  });
  assert.equal(await functions.result("f"), 3);
});

Deno.test("Links of a ConfigMap, and a link to another file in the folder, are loaded like files", async () => {
  await using functions = await withFunctions({
    "deno.json": config(),
    "functions/..2026_01/f.ts": returns("h", `import { h } from "./_h.ts";`),
    "functions/..2026_01/_h.ts": "export const h = 1;",
    "functions/real.ts": returns('"real"').replace('"f"', '"real"'),
  });
  const { folder } = functions;
  await Deno.symlink("..2026_01", folder.at("functions/..data"));
  for (const name of ["f.ts", "_h.ts"]) await Deno.symlink(`..data/${name}`, folder.at(`functions/${name}`));
  await Deno.mkdir(folder.at("functions/sub"));
  await Deno.symlink("../real.ts", folder.at("functions/sub/link.ts"));

  assert.equal(await functions.result("f"), 1);
  const { problems } = await functions.read();
  assert.deepEqual(
    problems.map(({ message }) => message),
    [],
    "of two files with one queue, a notice at most",
  );
});

Deno.test("Imports that cannot be resolved are reported with what to do", async () => {
  const told = async (specifier: string, more = "") => {
    await using functions = await withFunctions({
      "deno.json": config(),
      "functions/f.ts": returns("1", `import "${specifier}"${more};`),
      "deploy.config.ts": "export default {};",
      ".env": "SECRET=1",
    });
    const problem = (await functions.problems())["functions/f.ts"]!;
    return problem.replaceAll(functions.folder.path, "").replaceAll("file://", "");
  };

  assert.match(await told("./missing.ts"), /Module not found "\/functions\/missing\.ts"/);
  assert.match(await told("nope-package"), /Import "nope-package" not a dependency/);
  assert.match(
    await told("https://deno.land/x/y.ts"),
    /Requires import access to "deno\.land:443".*functions cannot import code from a URL/,
  );
  for (const [path, more] of [["../../../../etc/passwd", ""], ["/etc/hostname", ` with { type: "text" }`]]) {
    assert.match(await told(path!, more), /Requires read access to "\/etc\//);
  }
  assert.match(await told("../deploy.config.ts"), /Requires read access to "\/deploy\.config\.ts"/);
  assert.match(await told("../.env", ` with { type: "text" }`), /Requires read access to "\/\.env"/);
});

Deno.test("A syntax error is reported with its place, whether Deno or V8 finds it", async () => {
  await using functions = await withFunctions({
    "deno.json": config(),
    "functions/deno.ts": "\nconst n: number[ = 1;",
    "functions/v8.ts": "let a = 1;\nlet a = 2;",
  });
  const { problems } = await functions.read();
  const found = problems.map(({ message, line, column }) => [line, column, message]);
  const [deno, v8] = found as [unknown[], unknown[]];
  assert.deepEqual([deno.slice(0, 2), v8.slice(0, 2)], [[2, 18], [2, 5]]);
  assert.match(String(deno[2]), /^Syntax error: Unexpected token `=`/);
  assert.equal(v8[2], "Syntax error: Identifier 'a' has already been declared");
});

Deno.test("An error in an imported file is reported with that file and line", async () => {
  await using functions = await withFunctions({
    "deno.json": config(),
    "functions/f.ts": returns("vat", `import { vat } from "./_vat.ts";`),
    "functions/_vat.ts": `export const vat = 1;\n(undefined as never as { rate: number }).rate;`,
  });
  assert.match((await functions.problems())["functions/f.ts"]!, /reading 'rate'.* \(in .*_vat\.ts:2:\d+\)/);
});

Deno.test("A deno.json or .npmrc inside the functions folder has no effect, is reported, and stops nothing", async () => {
  await using functions = await withFunctions({
    "deno.json": config(),
    "functions/deno.json": "{ broken",
    "functions/.npmrc": "registry=http://127.0.0.1:1/",
    "functions/f.ts": returns("1"),
  });
  const problems = await functions.problems();
  assert.deepEqual(Object.keys(problems).sort(), ["functions/.npmrc", "functions/deno.json"]);
  assert.equal(await functions.result("f"), 1);
});

Deno.test("A file that is not UTF-8 is reported, also if another file imports it", async () => {
  await using functions = await withFunctions({
    "deno.json": config(),
    "functions/f.ts": returns("price", `import { price } from "./_price.ts";`),
    "functions/_price.ts": "",
    "functions/g.ts": returns("1").replace('"f"', '"g"'),
  });
  const latin1 = Uint8Array.from(`export const price = "5 \u00a3";`, (letter) => letter.charCodeAt(0));
  await Deno.writeFile(functions.folder.at("functions/_price.ts"), latin1);

  const problems = await functions.problems();
  assert.deepEqual(Object.keys(problems), ["functions/f.ts"]);
  assert.match(problems["functions/f.ts"]!, /_price\.ts' is not UTF-8.*save it as UTF-8/);
});

Deno.test("A project in a folder with a comma in its name runs, although Deno flags cannot contain such a path", async () => {
  await using folder = await withFolder({
    "a,b/deno.json": config(),
    "a,b/functions/f.ts": returns("h", `import { h } from "./_h.ts";`),
    "a,b/functions/_h.ts": "export const h = 1;",
  });
  await using functions = await withFunctions({}, { functions: folder.at("a,b/functions") });
  assert.equal(await functions.result("f"), 1);
});
