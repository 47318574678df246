import assert from "node:assert/strict";
import { relative } from "node:path";
import { diff, look, Snapshot } from "../../../runtime/discover/folder/snapshot.ts";
import { type Folder, withFolder } from "../../support/folder.ts";

const noModes = Deno.build.os === "windows";

/** Takes snapshots of a folder. Each call returns what has changed since the last one. */
function looker(folder: Folder, files: string[] = []) {
  let last = new Snapshot();
  return async () => {
    const now = await look({ folder: folder.path, files }, last);
    const changed = diff(last, now).map((path) => relative(folder.path, path));
    last = now;
    return changed;
  };
}

/** Makes a file one minute old: then only its times and size are compared. */
async function settle(path: string): Promise<void> {
  const then = new Date(Date.now() - 60_000);
  await Deno.utime(path, then, then);
}

Deno.test("A snapshot has every file below the folder: functions, helpers and data", async () => {
  await using folder = await withFolder({
    "hello.ts": "1",
    "billing/_vat.ts": "2",
    "_lib/deep/mail.ts": "3",
    "prices.json": "4",
    "hello_test.ts": "5",
  });

  assert.deepEqual(await looker(folder)(), [
    "_lib/deep/mail.ts",
    "billing/_vat.ts",
    "hello.ts",
    "hello_test.ts",
    "prices.json",
  ]);
});

Deno.test("A snapshot leaves out node_modules and names that begin with a dot", async () => {
  await using folder = await withFolder({ ".git/HEAD": "", ".hidden.ts": "", "a/node_modules/x/y.js": "" });
  assert.deepEqual(await looker(folder)(), []);
});

Deno.test("Two snapshots differ in the new, changed and removed files", async () => {
  await using folder = await withFolder({ "a.ts": "1", "b.ts": "1", "c/d.ts": "1" });
  const changes = looker(folder);
  await changes();

  await Deno.writeTextFile(folder.at("a.ts"), "2");
  await Deno.writeTextFile(folder.at("new.ts"), "1");
  await Deno.remove(folder.at("c"), { recursive: true });

  assert.deepEqual(await changes(), ["a.ts", "c/d.ts", "new.ts"]);
  assert.deepEqual(await changes(), []);
});

Deno.test("A file that is written again with the same content has not changed", async () => {
  await using folder = await withFolder({ "a.ts": "1" });
  const changes = looker(folder);
  await changes();

  await Deno.writeTextFile(folder.at("a.ts"), "1");
  assert.deepEqual(await changes(), []);
  await settle(folder.at("a.ts"));
  assert.deepEqual(await changes(), []);
});

Deno.test("A change that keeps a file's length and modification time is found", async () => {
  await using folder = await withFolder({ "a.ts": "1" });
  const changes = looker(folder);
  const { mtime } = await Deno.stat(folder.at("a.ts"));
  await changes();

  await Deno.writeTextFile(folder.at("a.ts"), "2");
  await Deno.utime(folder.at("a.ts"), mtime!, mtime!);

  assert.deepEqual(await changes(), ["a.ts"]);
});

Deno.test("A file that replaces another is found, even with the same times and size", async () => {
  await using folder = await withFolder({ "a.ts": "1", ".b.ts": "2" });
  const changes = looker(folder);
  const then = new Date(Date.now() - 60_000);
  await Deno.utime(folder.at("a.ts"), then, then);
  await Deno.utime(folder.at(".b.ts"), then, then);
  await changes();

  await Deno.rename(folder.at(".b.ts"), folder.at("a.ts"));

  assert.deepEqual(await changes(), ["a.ts"]);
});

Deno.test("A file with the same stamp is not read again", async () => {
  await using folder = await withFolder({ "a.ts": "1" });
  const place = { folder: folder.path, files: [] };
  const [path] = [folder.at("a.ts")];
  // As if it had been read some time after it was written.
  const seen = { ...(await look(place)).files.get(path)!, fresh: false, hash: "as it was read" };

  assert.equal((await look(place, new Snapshot(undefined, new Map([[path, seen]])))).files.get(path), seen);
});

Deno.test("A snapshot has each named file beside the folder once, and the file need not exist", async () => {
  await using project = await withFolder({ "functions/a.ts": "1", "lib/x.ts": "1" });
  const folder = { ...project, path: project.at("functions") };
  const changes = looker(folder, [
    project.at("lib/x.ts"),
    project.at("deploy.config.ts"),
    project.at("functions/a.ts"),
  ]);
  assert.deepEqual(await changes(), ["a.ts", "../lib/x.ts"]);

  await Deno.writeTextFile(project.at("deploy.config.ts"), "1");
  assert.deepEqual(await changes(), ["../deploy.config.ts"]);

  await Deno.remove(project.at("lib"), { recursive: true });
  assert.deepEqual(await changes(), ["../lib/x.ts"]);
});

Deno.test("A link has changed when its target's content changes, and when it leads to another target", async () => {
  await using folder = await withFolder({ "a.ts": "1", "b.ts": "1" });
  await Deno.symlink("a.ts", folder.at("link.ts"));
  await Deno.symlink("gone.ts", folder.at("dangling.ts"));
  await Deno.symlink(".", folder.at("loop"));
  const changes = looker(folder);
  assert.deepEqual(await changes(), ["a.ts", "b.ts", "dangling.ts", "link.ts", "loop"]);

  await Deno.writeTextFile(folder.at("a.ts"), "2");
  assert.deepEqual(await changes(), ["a.ts", "link.ts"]);

  await Deno.remove(folder.at("link.ts"));
  await Deno.symlink("b.ts", folder.at("link.ts"));
  assert.deepEqual(await changes(), ["link.ts"]);
});

Deno.test(
  "A change of who may write a file or its folder is a change of the file",
  { ignore: noModes },
  async () => {
    await using folder = await withFolder({ "a.ts": "1", "b/c/d.ts": "1", "e.ts": "1" });
    const exposed = async () =>
      [...(await look({ folder: folder.path, files: [] })).files].filter(([, seen]) => seen.exposed)
        .map(([path]) => relative(folder.path, path)).sort();
    const changes = looker(folder);
    await changes();

    await Deno.chmod(folder.at("a.ts"), 0o666);
    await Deno.chmod(folder.at("b"), 0o777);
    assert.deepEqual(await exposed(), ["a.ts", "b/c/d.ts"]);
    assert.deepEqual(await changes(), ["a.ts", "b/c/d.ts"]);

    await Deno.chmod(folder.path, 0o777);
    assert.deepEqual(await exposed(), ["a.ts", "b/c/d.ts", "e.ts"]);
    await Deno.chmod(folder.path, 0o755);
    await Deno.chmod(folder.at("b"), 0o755);
    assert.deepEqual(await exposed(), ["a.ts"]);
  },
);

Deno.test("A snapshot of a missing folder is an error", async () => {
  await using folder = await withFolder();
  await assert.rejects(look({ folder: folder.at("nowhere"), files: [] }), Deno.errors.NotFound);
});

// Root can read everything.
if (!noModes && Deno.uid() !== 0) {
  Deno.test("Files in a subfolder that cannot be read stay as they were", async () => {
    await using folder = await withFolder({ "a.ts": "1", "b/c.ts": "1" });
    const changes = looker(folder);
    await changes();

    await Deno.chmod(folder.at("b"), 0);
    await Deno.writeTextFile(folder.at("a.ts"), "2");
    const changed = await changes();
    await Deno.chmod(folder.at("b"), 0o755);

    assert.deepEqual(changed, ["a.ts"]);
  });
}

Deno.test(
  "A snapshot leaves out pipes, sockets and devices",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await using folder = await withFolder({ "a.ts": "1" });
    await new Deno.Command("mkfifo", { args: [folder.at("pipe.ts")] }).output();
    await Deno.symlink("/dev/zero", folder.at("zero.ts"));

    assert.deepEqual(await looker(folder)(), ["a.ts", "zero.ts"]);
  },
);
