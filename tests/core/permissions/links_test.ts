import assert from "node:assert/strict";
import { join } from "node:path";
import { linksOut, realPath } from "../../../runtime/core/permissions/links.ts";
import { withFolder } from "../../support/folder.ts";

const names = (folder: string, links: string[]) => links.map((link) => link.slice(folder.length + 1));

Deno.test("The real path of a path follows its links as far as it exists", async () => {
  await using folder = await withFolder({ "data/a.txt": "" });
  await Deno.symlink("/etc", folder.at("out"));
  await Deno.symlink("data", folder.at("in"));
  const root = await Deno.realPath(folder.path);

  assert.equal(realPath(folder.at("data/a.txt")), join(root, "data/a.txt"));
  assert.equal(realPath(folder.at("data/new/b.txt")), join(root, "data/new/b.txt"));
  assert.equal(realPath(folder.at("in/a.txt")), join(root, "data/a.txt"));
  assert.equal(realPath(folder.at("in/new.txt")), join(root, "data/new.txt"));
  assert.equal(realPath(folder.at("out/nothing/here")), "/etc/nothing/here");
});

Deno.test("The real path of a dangling link is where it points to", async () => {
  await using folder = await withFolder();
  await Deno.symlink("/nowhere/at/all", folder.at("out"));
  await Deno.symlink("later.txt", folder.at("in"));
  await Deno.symlink("circle", folder.at("circle"));
  const root = await Deno.realPath(folder.path);

  assert.equal(realPath(folder.at("out")), "/nowhere/at/all");
  assert.equal(realPath(folder.at("out/x")), "/nowhere/at/all/x");
  assert.equal(realPath(folder.at("in")), join(root, "later.txt"));
  assert.equal(realPath(folder.at("circle")), join(root, "circle"), "a circle ends");
});

Deno.test("Links that lead out of a folder are found, whatever their names", async () => {
  await using folder = await withFolder({ "a.ts": "", "_data/a.txt": "", ".hidden/b.txt": "" });
  await Deno.symlink("/etc/passwd", folder.at("_data/passwd"));
  await Deno.symlink("/etc", folder.at(".hidden/etc"));
  await Deno.symlink("/nowhere", folder.at("nowhere"));
  await Deno.symlink("_data/passwd", folder.at("chain"));
  await Deno.symlink("a.ts", folder.at("inside.ts"));

  assert.deepEqual(names(folder.path, await linksOut(folder.path)), [
    ".hidden/etc",
    "_data/passwd",
    "chain",
    "nowhere",
  ]);
});

Deno.test("Links to folders that contain links out of the folder are found", async () => {
  await using folder = await withFolder({ "open/deep/a.txt": "", "closed/a.txt": "" });
  await Deno.symlink("/etc", folder.at("open/deep/etc"));
  await Deno.symlink("open", folder.at("to_open"));
  await Deno.symlink("../to_open", folder.at("open/again"));
  await Deno.symlink("closed", folder.at("to_closed"));
  await Deno.symlink(".", folder.at("closed/circle"));

  assert.deepEqual(names(folder.path, await linksOut(folder.path)), [
    "open/again",
    "open/deep/etc",
    "to_open",
  ]);
});

Deno.test("If a folder is reached by a link, its links out are listed under both of its paths", async () => {
  await using folder = await withFolder({ "real/a.ts": "" });
  await Deno.symlink("/etc", folder.at("real/etc"));
  await Deno.symlink("real", folder.at("named"));
  const root = await Deno.realPath(folder.path);

  assert.deepEqual(
    await linksOut(folder.at("named")),
    [folder.at("named/etc"), join(root, "real/etc")].sort(),
  );
  await assert.rejects(linksOut(folder.at("nowhere")), Deno.errors.NotFound);
});
