import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { SourceFolder } from "../../runtime/host/sources.ts";
import { withFolder } from "../support/folder.ts";

const names = (texts: object, folder: string) =>
  Object.keys(texts).map((url) => url.slice(pathToFileURL(folder).href.length + 1)).sort();

Deno.test("Text files are read, wherever they lie; what is hidden, no text, too long or a link is not", async () => {
  await using folder = await withFolder({
    "a.ts": "1",
    "deep/er/_b.json": "2",
    "notes.md": "3",
    "günther's #1.ts": "4",
    ".env": "SECRET=1",
    ".git/config.ts": "5",
    "node_modules/x/index.js": "6",
    "picture.png": "7",
    "long.csv": "x".repeat(1024 * 1024 + 1),
  });
  await Deno.symlink("/etc/hostname", folder.at("link.txt"));
  await Deno.symlink("/etc", folder.at("etc"));

  const { texts } = await new SourceFolder(folder.path).read();

  assert.deepEqual(names(texts, folder.path), [
    "a.ts",
    "deep/er/_b.json",
    "g%C3%BCnther's%20%231.ts",
    "notes.md",
  ]);
  assert.equal(texts[pathToFileURL(folder.at("deep/er/_b.json")).href], "2");
});

Deno.test("A changed file is read again, one that went away is none", async () => {
  await using folder = await withFolder({ "a.ts": "1", "b.ts": "2" });
  const sources = new SourceFolder(folder.path);
  const read = async () => Object.values((await sources.read()).texts).sort();

  assert.deepEqual(await read(), ["1", "2"]);
  await Deno.writeTextFile(folder.at("a.ts"), "changed");
  await Deno.remove(folder.at("b.ts"));
  assert.deepEqual(await read(), ["changed"]);
});

Deno.test("A folder that cannot be read holds nothing", async () => {
  assert.deepEqual((await new SourceFolder("/nowhere").read()).texts, {});
});
