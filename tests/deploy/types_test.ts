import assert from "node:assert/strict";
import { relative } from "node:path";
import { checkTypes, readDiagnostics } from "../../runtime/deploy/types.ts";
import { projectOf } from "../../runtime/discover/code/project.ts";
import { withFolder } from "../support/folder.ts";

/** The type errors of files, as `file:line:column message`. */
async function check(sources: Record<string, string>, ...names: string[]): Promise<string[]> {
  await using folder = await withFolder(sources);
  const { config } = await projectOf(folder.path);
  const problems = await checkTypes(names.map(folder.at), { config });
  return problems.map(({ file, line, column, message, fix }) =>
    `${relative(folder.path, file)}:${line}:${column} ${message}; ${fix}`.replaceAll(folder.path, "")
  );
}

Deno.test("Types are checked in the deployed files and in what they import", async () => {
  const found = await check(
    {
      "good.ts": `import { queue } from "hopper";\nexport default queue("a", () => {});`,
      "a b.ts": `import { n } from "./_lib/n.ts";\nexport const text: string = n;`,
      "_lib/n.ts": `export const n = 1;\nconst no: number = "x";`,
      "other.ts": `const nobody: number = "asks";`,
    },
    "good.ts",
    "a b.ts",
  );
  assert.deepEqual(found.sort(), [
    "_lib/n.ts:2:7 Type 'string' is not assignable to type 'number' (TS2322); correct it",
    "a b.ts:2:14 Type 'number' is not assignable to type 'string' (TS2322); correct it",
  ]);
});

Deno.test("Imports that cannot be found are reported with their line", async () => {
  const found = await check({ "a.ts": `import "./gone.ts";\nimport "nope";` }, "a.ts");

  assert.equal(found.length, 2);
  assert.match(
    found.join("\n"),
    /a\.ts:1:8 Cannot find module .*gone\.ts.*check the import's path, or add the package/,
  );
  assert.match(found.join("\n"), /a\.ts:2:8 Import "nope" not a dependency/);
});

Deno.test("A syntax error is reported with its line", async () => {
  const [error, ...more] = await check({ "a.ts": "let a;\nlet 5 = 5;" }, "a.ts");

  assert.match(error!, /^a\.ts:2:5 SyntaxError: Expected .*; correct it$/);
  assert.deepEqual(more, []);
});

Deno.test("Files without types have no type errors", async () => {
  assert.deepEqual(await check({ "a.js": "export default 1;" }, "a.js"), []);
  assert.deepEqual(await check({}), []);
});

Deno.test("A failure of deno check that names no file is an error", async () => {
  await using folder = await withFolder({ "deno.json": "{ bad", "a.ts": "" });
  await assert.rejects(
    checkTypes([folder.at("a.ts")], { config: folder.at("deno.json") }),
    /^Error: deno check fails: .*deno\.json:1:6\s+Expected colon/,
  );
});

Deno.test("A type error of several lines is reported by its first line", () => {
  const text = `TS2769 [ERROR]: No overload matches this call.
  Overload 1 of 2, '(a: string): void', gave the following error.
    f(1);
      ^
    at file:///app/a%20b.ts:3:5

Found 1 error.

error: Type checking failed.`;

  assert.deepEqual(readDiagnostics(text), [
    {
      file: "/app/a b.ts",
      line: 3,
      column: 5,
      message: "No overload matches this call (TS2769)",
      fix: "correct it",
    },
  ]);
});
