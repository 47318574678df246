import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { projectOf } from "../../../runtime/discover/code/project.ts";
import { withFolder } from "../../support/folder.ts";

Deno.test("The project of a functions folder is the nearest folder above it with a deno.json or deno.jsonc", async () => {
  await using folder = await withFolder({
    "deno.json": "{}",
    "functions/a.ts": "",
    "other/deno.jsonc": "{}",
    "other/functions/deep/b.ts": "",
    "odd/deno.json/is/a/folder": "",
  });
  const found = async (functions: string) => {
    const { root, config } = await projectOf(folder.at(functions));
    return { root, config };
  };

  const outer = { root: folder.path, config: folder.at("deno.json") };
  assert.deepEqual(await found("functions"), outer);
  assert.deepEqual(await found("other/functions/deep"), {
    root: folder.at("other"),
    config: folder.at("other/deno.jsonc"),
  });
  assert.deepEqual(await found("odd"), outer);
});

Deno.test("A deno.json inside the functions folder is ignored", async () => {
  await using folder = await withFolder({ "deno.json": "{}", "functions/deno.json": "{ broken" });
  assert.equal((await projectOf(folder.at("functions"))).config, folder.at("deno.json"));
});

Deno.test("Without a deno.json the project uses Hopper's own, and the functions folder is its root", async () => {
  await using folder = await withFolder();
  const own = fileURLToPath(new URL("../../../deno.json", import.meta.url));
  assert.deepEqual(await projectOf(folder.path), { folder: folder.path, root: folder.path, config: own });
});

Deno.test("The project of a workspace member has the workspace's root and all its deno.json files", async () => {
  await using folder = await withFolder({
    "deno.json": `{\n  // Both forms\n  "workspace": { "members": ["./app", "packages/*"] } }`,
    "app/deno.json": "{}",
    "packages/lib/deno.jsonc": "{}",
    "packages/none/mod.ts": "",
    "other/deno.json": "{}",
  });
  const configs = ["deno.json", "app/deno.json", "packages/lib/deno.jsonc"].map(folder.at);
  for (const [of, config] of [["app/functions", configs[1]], ["functions", configs[0]]] as const) {
    const project = { folder: folder.at(of), root: folder.path, config, workspace: configs };
    assert.deepEqual(projectOf(folder.at(of)), project);
  }
  const apart = {
    folder: folder.at("other/f"),
    root: folder.at("other"),
    config: folder.at("other/deno.json"),
  };
  assert.deepEqual(projectOf(folder.at("other/f")), apart);
});

Deno.test("A workspace that is commented out in a deno.json, or part of a text, is ignored", async () => {
  await using folder = await withFolder({
    "deno.json": `{
      // "workspace": ["app"],
      /* "workspace": ["app"], */
      "description": "\\"workspace\\": [\\"app\\"] // ",
    }`,
    "app/deno.json": "{}",
  });
  const alone = { folder: folder.at("app/f"), root: folder.at("app"), config: folder.at("app/deno.json") };
  assert.deepEqual(projectOf(folder.at("app/f")), alone);
});
