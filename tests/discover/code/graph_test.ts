import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { affected, type Graph, ModulesUnreadable, readGraph } from "../../../runtime/discover/code/graph.ts";
import { type Folder, withFolder } from "../../support/folder.ts";

const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));

const files = (folder: Folder, ...names: string[]) => names.map((name) => folder.at(name));

/** A graph with the paths below the folder. */
function shown(folder: Folder, graph: Graph): Record<string, string[]> {
  const short = (path: string) => relative(folder.path, path);
  return Object.fromEntries([...graph].map(([file, imports]) => [short(file), imports.files.map(short)]));
}

async function read(sources: Record<string, string>, ...names: string[]) {
  await using folder = await withFolder(sources);
  return shown(folder, await readGraph(files(folder, ...names), { config }));
}

Deno.test("The graph has the modules that a file imports, directly or through others", async () => {
  const graph = await read(
    {
      "a.ts": `import "./_b.ts"; import { queue } from "hopper";`,
      "_b.ts": `export * from "./_lib/c.ts"; import "./a.ts";`,
      "_lib/c.ts": `import "../_b.ts";`,
      "other.ts": "",
    },
    "a.ts",
    "other.ts",
  );
  assert.deepEqual(graph, { "a.ts": ["_b.ts", "_lib/c.ts"], "other.ts": [] });
});

Deno.test("The graph has imports of every kind: types, dynamic imports, JSON, text and re-exports", async () => {
  const graph = await read(
    {
      "a.ts": `import type { T } from "./_types.ts";
import json from "./_data.json" with { type: "json" };
import text from "./_note.txt" with { type: "text" };
export { x } from "./_export.js";
const later = () => import("./_later.ts");`,
      "_types.ts": "",
      "_data.json": "{}",
      "_note.txt": "",
      "_export.js": "",
      "_later.ts": "",
    },
    "a.ts",
  );
  assert.deepEqual(graph["a.ts"], ["_data.json", "_export.js", "_later.ts", "_note.txt", "_types.ts"]);
});

Deno.test("The graph has modules outside the functions folder", async () => {
  const graph = await read(
    { "functions/a.ts": `import "../lib/x.ts";`, "lib/x.ts": `import "./y.ts";`, "lib/y.ts": "" },
    "functions/a.ts",
  );
  assert.deepEqual(graph, { "functions/a.ts": ["lib/x.ts", "lib/y.ts"] });
});

Deno.test("The graph's files do not have packages, remote modules, or modules of Deno and Hopper", async () => {
  const graph = await read(
    {
      "a.ts": `import "hopper"; import "hopper/client"; import "npm:zod"; import "jsr:@std/path";
import "https://example.com/x.ts"; import "node:fs"; import "nope"; import "./node_modules/x/index.js"; import "./b.ts";`,
      "b.ts": "",
      "node_modules/x/index.js": "",
    },
    "a.ts",
  );
  assert.deepEqual(graph["a.ts"], ["b.ts"]);
});

Deno.test("The graph names packages by their specifiers, not by their aliases in deno.json", async () => {
  await using folder = await withFolder({
    "deno.json": `{ "imports": { "short": "npm:ms@2.1.3" } }`,
    "a.ts": `import ms from "short"; import "./b.ts";`,
    "b.ts": `const later = () => import("npm:qs@6.14.0");`,
  });
  const graph = await readGraph(files(folder, "a.ts"), { config: folder.at("deno.json") });
  assert.deepEqual(graph.get(folder.at("a.ts"))!.packages, ["npm:ms@2.1.3", "npm:qs@6.14.0"]);
});

Deno.test("The graph follows the import map of the project's deno.json", async () => {
  await using project = await withFolder({
    "deno.json": `{ "imports": { "@/": "./lib/" } }`,
    "functions/a.ts": `import "@/x.ts";`,
    "lib/x.ts": "",
  });
  const graph = await readGraph(files(project, "functions/a.ts"), { config: project.at("deno.json") });
  assert.deepEqual(shown(project, graph), { "functions/a.ts": ["lib/x.ts"] });
});

Deno.test("A file that is missing or cannot be parsed has no imports in the graph, and other files keep theirs", async () => {
  const graph = await read(
    { "bad.ts": `import "./_x.ts"; export default queue(;`, "good.ts": `import "./_x.ts";`, "_x.ts": "" },
    "bad.ts",
    "gone.ts",
    "good.ts",
  );
  assert.deepEqual(graph, { "bad.ts": [], "gone.ts": [], "good.ts": ["_x.ts"] });
});

Deno.test("An imported module that is missing or cannot be parsed is in the graph", async () => {
  const graph = await read(
    { "a.ts": `import "./_gone.ts"; import "./_bad.ts";`, "_bad.ts": `let 5 = "./_x.ts";` },
    "a.ts",
  );
  assert.deepEqual(graph, { "a.ts": ["_bad.ts", "_gone.ts"] });
});

Deno.test("The graph has modules with special characters in their names, and ignores malformed imports", async () => {
  const graph = await read(
    {
      "a b#1?.ts": `import "./_wörld %25.ts";`,
      "_wörld %.ts": "",
      "odd.ts": `import "./%zz.ts"; import "./a%2fb.ts"; import ""; import "./_wörld %25.ts";`,
    },
    "a b#1?.ts",
    "odd.ts",
  );
  assert.deepEqual(graph, { "a b#1?.ts": ["_wörld %.ts"], "odd.ts": ["_wörld %.ts"] });
});

Deno.test("The graph of no files is empty", async () => {
  assert.deepEqual(await readGraph([]), new Map());
});

Deno.test("A deno.json that Deno cannot read is an error of the graph", async () => {
  await using folder = await withFolder({ "deno.json": "{ bad", "a.ts": "" });

  await assert.rejects(readGraph(files(folder, "a.ts"), { config: folder.at("deno.json") }), (error) => {
    assert.ok(error instanceof ModulesUnreadable);
    assert.match(
      error.message,
      /^What the function files import cannot be read: .*deno\.json:1:6\s+Expected colon/,
    );
    return true;
  });
});

Deno.test("Reading a graph can be aborted", async () => {
  await using folder = await withFolder({ "a.ts": "" });
  const signal = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(readGraph(files(folder, "a.ts"), { signal }), ModulesUnreadable);
});

const imports = (...files: string[]) => ({ files, packages: [] });

Deno.test("A change affects the changed function file, and the files that import what changed", () => {
  const graph: Graph = new Map([
    ["/a.ts", imports("/_x.ts", "/_y.ts")],
    ["/b.ts", imports("/_y.ts")],
    ["/c.ts", imports()],
  ]);

  assert.deepEqual(affected(graph, ["/_y.ts"]), ["/a.ts", "/b.ts"]);
  assert.deepEqual(affected(graph, ["/_x.ts", "/c.ts"]), ["/a.ts", "/c.ts"]);
  assert.deepEqual(affected(graph, ["/other.ts"]), []);
});
