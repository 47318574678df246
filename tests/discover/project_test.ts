import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { projectConfig } from "../../runtime/discover/project.ts";
import { withFolder } from "../support/folder.ts";

Deno.test("A folder's project is the nearest above it that has a deno.json, or a deno.jsonc", async () => {
  await using folder = await withFolder({
    "deno.json": "{}",
    "functions/a.ts": "",
    "other/deno.jsonc": "{}",
    "other/functions/deep/b.ts": "",
    "odd/deno.json/is/a/folder": "",
  });

  assert.equal(await projectConfig(folder.at("functions")), folder.at("deno.json"));
  assert.equal(await projectConfig(folder.at("other/functions/deep")), folder.at("other/deno.jsonc"));
  assert.equal(await projectConfig(folder.at("odd")), folder.at("deno.json"));
});

Deno.test("Without one it is Hopper's own, which knows 'hopper'", async () => {
  await using folder = await withFolder();
  const own = fileURLToPath(new URL("../../deno.json", import.meta.url));
  assert.equal(await projectConfig(folder.path), own);
});
