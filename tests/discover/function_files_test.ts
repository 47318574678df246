import assert from "node:assert/strict";
import { relative } from "node:path";
import { type FunctionFiles, functionFiles } from "../../runtime/discover/function_files.ts";
import { look, readWalked } from "../../runtime/discover/folder/snapshot.ts";
import { walk } from "../../runtime/discover/folder/walk.ts";
import { type Folder, withFolder } from "../support/folder.ts";

/** Windows has no such modes. */
const noModes = Deno.build.os === "windows";

const find = async (folder: string) => functionFiles(await look({ folder, files: [] }));

const names = ({ files }: FunctionFiles) => files.map(({ name }) => name);
const told = (folder: Folder, { problems }: FunctionFiles) =>
  problems.map(({ file, message }) =>
    `${relative(folder.path, file)}: ${message.replaceAll(`${folder.path}/`, "")}`
  );

Deno.test("A function is named after its path below the folder", async () => {
  await using folder = await withFolder({
    "hello.ts": "",
    "billing/charge.ts": "",
    "billing/eu/refund.mjs": "",
    "a b.tsx": "",
    "ümlaut.js": "",
  });

  const found = await find(folder.path);

  assert.deepEqual(names(found), ["a b", "billing.charge", "billing.eu.refund", "hello", "ümlaut"]);
  assert.deepEqual(found.problems, []);
  assert.equal(found.files[1]!.path, folder.at("billing/charge.ts"));
});

Deno.test("A file or folder whose name begins with _ or . is not a function", async () => {
  await using folder = await withFolder({
    "_prices.ts": "",
    ".hidden.ts": "",
    "_lib/mail.ts": "",
    ".git/hook.ts": "",
    "billing/_vat.ts": "",
    "snake_case.ts": "",
  });

  assert.deepEqual(names(await find(folder.path)), ["snake_case"]);
});

Deno.test("Tests, benches, type declarations and files of other kinds are not functions", async () => {
  await using folder = await withFolder({
    "charge_test.ts": "",
    "charge.test.ts": "",
    "charge_bench.ts": "",
    "types.d.ts": "",
    "README.md": "",
    "data.json": "",
    "noextension": "",
    "latest.ts": "",
    "test.ts": "",
  });

  assert.deepEqual(names(await find(folder.path)), ["latest", "test"]);
});

Deno.test("An empty folder has no functions", async () => {
  await using folder = await withFolder();
  assert.deepEqual(await find(folder.path), { files: [], problems: [] });
});

Deno.test("Finding functions in a missing folder is an error", async () => {
  await using folder = await withFolder();
  await assert.rejects(find(folder.at("nowhere")), Deno.errors.NotFound);
});

Deno.test("Two files with the same function name are both refused, and each problem names the other", async () => {
  await using folder = await withFolder({
    "billing.charge.ts": "",
    "billing/charge.ts": "",
    "hello.ts": "",
    "hello.js": "",
    "other.ts": "",
  });

  const found = await find(folder.path);

  assert.deepEqual(names(found), ["other"]);
  assert.deepEqual(told(folder, found).sort(), [
    "billing.charge.ts: The name 'billing.charge' is also that of billing/charge.ts",
    "billing/charge.ts: The name 'billing.charge' is also that of billing.charge.ts",
    "hello.js: The name 'hello' is also that of hello.ts",
    "hello.ts: The name 'hello' is also that of hello.js",
  ]);
});

Deno.test("A link to a file of the folder is a function of its own", async () => {
  await using folder = await withFolder({ "billing/charge.ts": "" });
  await Deno.symlink(folder.at("billing/charge.ts"), folder.at("also.ts"));

  assert.deepEqual(names(await find(folder.path)), ["also", "billing.charge"]);
});

Deno.test("A link that leads out, nowhere or to a folder is reported and not followed", async () => {
  await using outside = await withFolder({ "secret.ts": "", "lib/a.ts": "" });
  await using folder = await withFolder({ "hello.ts": "" });
  await Deno.symlink(outside.at("secret.ts"), folder.at("secret.ts"));
  await Deno.symlink(outside.at("lib"), folder.at("lib"));
  await Deno.symlink(folder.path, folder.at("loop"));
  await Deno.symlink(folder.at("gone.ts"), folder.at("dangling.ts"));
  await Deno.symlink("self.ts", folder.at("self.ts"));

  const found = await find(folder.path);

  assert.deepEqual(names(found), ["hello"]);
  assert.deepEqual(told(folder, found).sort(), [
    "dangling.ts: The link leads nowhere",
    "lib: The link leads to a folder, and only links to files are followed",
    "loop: The link leads to a folder, and only links to files are followed",
    "secret.ts: The link leads out of the functions folder",
    "self.ts: The link leads nowhere",
  ]);
});

Deno.test("A link that is not named like a function is ignored", async () => {
  await using outside = await withFolder({ "notes.md": "" });
  await using folder = await withFolder();
  await Deno.symlink(outside.at("notes.md"), folder.at("notes.md"));
  await Deno.symlink(outside.at("gone"), folder.at("dangling"));
  await Deno.symlink(outside.path, folder.at("_lib"));

  assert.deepEqual(await find(folder.path), { files: [], problems: [] });
});

Deno.test(
  "A file or folder that everybody may write is refused with the command that fixes it",
  { ignore: noModes },
  async () => {
    await using folder = await withFolder({
      "hello.ts": "",
      "open.ts": "",
      "billing/charge.ts": "",
      "billing/eu/refund.ts": "",
    });
    await Deno.chmod(folder.at("open.ts"), 0o666);
    await Deno.chmod(folder.at("billing/eu"), 0o777);

    const found = await find(folder.path);

    assert.deepEqual(names(found), ["billing.charge", "hello"]);
    assert.deepEqual(told(folder, found).sort(), [
      "billing/eu: Every user of this machine may write the folder, and so decide what runs",
      "open.ts: Every user of this machine may write the file, and so decide what runs",
    ]);
    for (const { file, fix } of found.problems) assert.equal(fix, `write: chmod o-w ${file}`);
  },
);

Deno.test(
  "A functions folder that everybody may write is refused with all its functions",
  { ignore: noModes },
  async () => {
    await using folder = await withFolder({ "hello.ts": "" });
    await Deno.chmod(folder.path, 0o1777);

    const found = await find(folder.path);

    assert.deepEqual(names(found), []);
    assert.deepEqual(found.problems.map(({ message }) => message), [
      "Every user of this machine may write the folder, and so decide what runs",
    ]);
  },
);

Deno.test(
  "The modes of parent folders, of groups and of other files do not matter",
  { ignore: noModes },
  async () => {
    await using folder = await withFolder({ "functions/hello.ts": "", "functions/notes.md": "" });
    await Deno.chmod(folder.path, 0o1777);
    await Deno.chmod(folder.at("functions"), 0o775);
    await Deno.chmod(folder.at("functions/hello.ts"), 0o664);
    await Deno.chmod(folder.at("functions/notes.md"), 0o666);

    const found = await find(folder.at("functions"));

    assert.deepEqual(names(found), ["hello"]);
    assert.deepEqual(found.problems, []);
  },
);

Deno.test(
  "A helper that everybody may write is reported, because it runs too",
  { ignore: noModes },
  async () => {
    await using folder = await withFolder({ "_prices.ts": "", "_lib/it's mail.ts": "", "hello.ts": "" });
    await Deno.chmod(folder.at("_prices.ts"), 0o606);
    await Deno.chmod(folder.at("_lib/it's mail.ts"), 0o606);

    const found = await find(folder.path);

    assert.deepEqual(told(folder, found).map((text) => text.split(":")[0]).sort(), [
      "_lib/it's mail.ts",
      "_prices.ts",
    ]);
    const { fix } = found.problems.find(({ file }) => file.includes("mail"))!;
    assert.equal(fix, `write: chmod o-w '${folder.path}/_lib/it'\\''s mail.ts'`);
  },
);

Deno.test("A link to a file that everybody may write is refused", { ignore: noModes }, async () => {
  await using folder = await withFolder({ "hello.ts": "", "open.ts": "" });
  await Deno.symlink(folder.at("hello.ts"), folder.at("also.ts"));
  await Deno.symlink(folder.at("open.ts"), folder.at("too.ts"));
  await Deno.chmod(folder.at("open.ts"), 0o666);

  assert.deepEqual(names(await find(folder.path)), ["also", "hello"]);
});

Deno.test("A functions folder may be a link", async () => {
  await using real = await withFolder({ "hello.ts": "" });
  await using folder = await withFolder();
  await Deno.symlink(real.at("hello.ts"), real.at("also.ts"));
  await Deno.symlink(real.path, folder.at("functions"));

  assert.deepEqual(names(await find(folder.at("functions"))), ["also", "hello"]);
});

Deno.test(
  "A pipe, socket or device that is named like a function is reported",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await using folder = await withFolder({ "hello.ts": "" });
    for (const name of ["pipe.ts", "_pipe.ts", "pipe"]) {
      await new Deno.Command("mkfifo", { args: [folder.at(name)] }).output();
    }

    const found = await find(folder.path);

    assert.deepEqual(names(found), ["hello"]);
    assert.deepEqual(told(folder, found), ["pipe.ts: It is a pipe, a socket or a device"]);
  },
);

Deno.test("A deno.json or .npmrc inside the functions folder is reported", async () => {
  await using folder = await withFolder({ "hello.ts": "", "deno.json": "{}", "billing/.npmrc": "" });

  const { problems } = await find(folder.path);

  assert.deepEqual(problems.map(({ file }) => relative(folder.path, file)).sort(), [
    "billing/.npmrc",
    "deno.json",
  ]);
  for (const { message } of problems) {
    assert.match(message, /^Configuration inside the functions folder is not used/);
  }
});

Deno.test("Functions stay when their folder can no longer be read, and the folder is reported", async () => {
  await using folder = await withFolder({ "hello.ts": "", "billing/charge.ts": "" });
  const before = await look({ folder: folder.path, files: [] });
  const walked = await walk({ folder: folder.path, files: [] });
  const closed = folder.at("billing");
  const folders = new Map([...walked.folders, [closed, {
    ...walked.folders.get(closed)!,
    unreadable: new Deno.errors.PermissionDenied("Permission denied"),
  }]]);
  const files = new Map([...walked.files].filter(([path]) => !path.startsWith(closed)));

  const found = functionFiles(await readWalked({ ...walked, folders, files }, before));

  assert.deepEqual(names(found), ["billing.charge", "hello"]);
  assert.deepEqual(told(folder, found), [
    "billing: The folder cannot be read: PermissionDenied: Permission denied",
  ]);
});
