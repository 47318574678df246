import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import { describeProblem, type FileProblem } from "../../../runtime/core/declared.ts";
import { load, type Loaded } from "../../../runtime/host/child/load.ts";
import { withFolder } from "../../support/folder.ts";

async function loadText(
  content: string,
  more: Record<string, string> = {},
  file = "charge.ts",
): Promise<Loaded> {
  await using folder = await withFolder({ [file]: content, ...more });
  const loaded = await load(pathToFileURL(folder.at(file)).href, file);
  if (loaded.kind === "declaration") return loaded;
  const message = loaded.problem.message.replaceAll(`${folder.path}/`, "");
  return { kind: "problem", problem: { ...loaded.problem, message } };
}

async function problemOf(...args: Parameters<typeof loadText>): Promise<FileProblem> {
  const loaded = await loadText(...args);
  assert.equal(loaded.kind, "problem");
  return (loaded as Loaded & { kind: "problem" }).problem;
}

Deno.test("A file's default export is its function, and its line is known", async () => {
  const loaded = await loadText(
    `import { queue } from "hopper";

     export default queue("orders", { prefetch: 1 }, (order) => order);`,
  );

  assert.equal(loaded.kind, "declaration");
  const { declaration, place } = loaded as Loaded & { kind: "declaration" };
  assert.deepEqual(declaration.trigger, { kind: "queue", queue: "orders" });
  assert.deepEqual(declaration.options, { prefetch: 1 });
  assert.equal(declaration.handler("x", {} as never), "x");
  assert.equal(place.line, 3);
});

Deno.test("An empty file is reported with what to write", async () => {
  assert.deepEqual(await problemOf(""), {
    file: "charge.ts",
    message: "No trigger exported",
    fix: 'write: export default queue("name", handler)',
  });
});

Deno.test("A trigger that is not the default export is reported with its name", async () => {
  const { message, fix } = await problemOf(
    `import { queue } from "hopper";
     export const limit = 5;
     export const charge = queue("orders", () => {});`,
  );
  assert.equal(message, "The trigger is exported as 'charge', not as the default");
  assert.equal(fix, 'write: export default queue("name", handler)');
});

Deno.test("A default export that is not a trigger is reported with what it is", async () => {
  const exported = async (expression: string) => (await problemOf(`export default ${expression};`)).message;

  assert.equal(await exported("() => {}"), "The default export is not a trigger but a function");
  assert.equal(await exported("{ trigger: {} }"), "The default export is not a trigger but another object");
  assert.equal(await exported("undefined"), "The default export is not a trigger but undefined");
  assert.equal(await exported("null"), "The default export is not a trigger but null");
  assert.equal(await exported("5n"), "The default export is not a trigger but a bigint");
});

Deno.test("A syntax error is reported with its line and column", async () => {
  const problem = await problemOf(
    `import { queue } from "hopper";\n\nexport default queue("orders", {\n  prefetch: 1,,\n}, h);`,
  );

  assert.match(problem.message, /^Syntax error: Unexpected token `,`/);
  assert.deepEqual([problem.line, problem.column], [4, 15]);
  assert.match(
    describeProblem(problem),
    /^charge\.ts:4:15 {2}Syntax error: .*; correct it and save the file$/,
  );
});

Deno.test("A syntax error that only V8 finds is reported with its line, in TypeScript and JavaScript", async () => {
  const problem = await problemOf(`let a = 1;\nlet a = 2;`, {}, "charge.js");

  assert.equal(problem.message, "Syntax error: Identifier 'a' has already been declared");
  assert.deepEqual([problem.line, problem.column], [2, 5]);
});

Deno.test("An imported name that hopper does not export is reported with its line", async () => {
  const problem = await problemOf(
    `\nimport { quue } from "hopper";\nexport default quue("orders", () => {});`,
  );

  assert.match(problem.message, /does not provide an export named 'quue'/);
  assert.equal(problem.line, 2);
});

Deno.test("An error in an imported file is reported with that file's name", async () => {
  const imports = `import { vat } from "./_vat.ts"; export default vat;`;

  const syntax = await problemOf(imports, { "_vat.ts": `export const vat = 1;\nlet 5 = 5;` });
  assert.match(syntax.message, /^Syntax error: .* \(in _vat\.ts:2:\d+\)$/);
  assert.equal(syntax.line, undefined);

  const throws = await problemOf(imports, { "_vat.ts": `export const vat = 1;\nundefined.rate;` });
  assert.match(
    throws.message,
    /^The file fails to load: TypeError: .*reading 'rate'.* \(in _vat\.ts:2:\d+\)$/,
  );
});

Deno.test("A file that throws when it is loaded is reported with the line that threw", async () => {
  const problem = await problemOf(
    `const key = undefined;\nif (!key) throw new Error("No key\\nsecond line");`,
  );

  assert.equal(problem.message, "The file fails to load: Error: No key");
  assert.equal(problem.line, 2);
  assert.equal(problem.fix, "correct what the file does when it is loaded");
});

Deno.test("Any value that a file throws when it is loaded is reported", async () => {
  const thrown = async (statement: string) => (await problemOf(statement)).message;

  assert.equal(await thrown(`throw "no key";`), "The file fails to load: no key");
  assert.equal(await thrown(`throw null;`), "The file fails to load: null");
  assert.equal(await thrown(`throw 5n;`), "The file fails to load: 5n");
  assert.equal(await thrown(`const c = {}; c.c = c; throw c;`), "The file fails to load: an object");
});

Deno.test("An import that cannot be found is reported with its line and where to look", async () => {
  const fix = "check the import's path, or add the package to deno.json";

  const file = await problemOf(`\nimport "./missing.ts";`);
  assert.match(file.message, /^The file fails to load: TypeError: Module not found "file:.*missing\.ts"/);
  assert.deepEqual([file.line, file.fix], [2, fix]);

  const bare = await problemOf(`\nimport "nope-package";`);
  assert.match(bare.message, /^The file fails to load: TypeError: Import "nope-package" not a dependency/);
  assert.deepEqual([bare.line, bare.fix], [2, fix]);
});

Deno.test("A file that is not text is reported", async () => {
  await using folder = await withFolder();
  await Deno.writeFile(folder.at("binary.ts"), new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x00, 0xff]));

  const loaded = await load(pathToFileURL(folder.at("binary.ts")).href, "binary.ts");

  assert.match((loaded as Loaded & { kind: "problem" }).problem.message, /^Syntax error: /);
});

Deno.test("Loading a file is given up if it takes too long", async () => {
  await using folder = await withFolder({ "slow.ts": "await globalThis.testIsOver;" });
  const { promise, resolve } = Promise.withResolvers<void>();
  Object.assign(globalThis, { testIsOver: promise });

  const loaded = await load(pathToFileURL(folder.at("slow.ts")).href, "slow.ts", 10);

  assert.equal(loaded.kind, "problem");
  assert.deepEqual((loaded as Loaded & { kind: "problem" }).problem, {
    file: "slow.ts",
    message: "The file fails to load: Error: It did not finish loading within 0.01 s",
    fix: "correct what the file does when it is loaded",
  });
  resolve();
  await import(folder.at("slow.ts"));
  Reflect.deleteProperty(globalThis, "testIsOver");
});

Deno.test("A file whose path has spaces and special characters is loaded and located", async () => {
  const problem = await problemOf(`\nthrow new Error("boom");`, {}, "günther's file #1.ts");
  assert.equal(problem.line, 2);
});
