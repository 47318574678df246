import assert from "node:assert/strict";
import type { Placement } from "../../runtime/deploy/plan.ts";
import { openStage, placeFiles } from "../../runtime/deploy/stage.ts";
import { readTree } from "../../runtime/deploy/tree.ts";
import { type Folder, withFolder } from "../support/folder.ts";

const noModes = Deno.build.os === "windows";

/** Everything below a folder with its content, including names with a dot. A link is shown with its target. */
async function contents(folder: string, below = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(`${folder}/${below}`)) {
    const path = `${below}${name}`;
    if (isDirectory) Object.assign(found, await contents(folder, `${path}/`));
    else if (isSymlink) found[path] = `-> ${await Deno.readLink(`${folder}/${path}`)}`;
    else found[path] = await Deno.readTextFile(`${folder}/${path}`);
  }
  return found;
}

async function stageOf(project: Folder, placements: readonly Placement[] = []) {
  const folder = project.at("functions");
  return await openStage(folder, await readTree(folder), placements);
}

const placement = (project: Folder, from: string, path: string): Placement => ({
  path,
  from: project.at(from),
  shown: from,
});

Deno.test("A stage is a temporary copy of the functions folder with the new files, and lies beside it", async () => {
  await using project = await withFolder({
    "functions/a.ts": "old a",
    "functions/lib/b.ts": "b",
    "functions/.git/HEAD": "not code",
    "src/a.ts": "new a",
    "src/c.ts": "c",
  });
  {
    await using stage = await stageOf(project, [
      placement(project, "src/a.ts", "a.ts"),
      placement(project, "src/c.ts", "new/c.ts"),
    ]);
    assert.ok(stage.path.startsWith(project.at(".hopper-deploy-")), stage.path);
    assert.deepEqual(await contents(stage.path), { "a.ts": "new a", "lib/b.ts": "b", "new/c.ts": "c" });
  }
  assert.deepEqual(Object.keys(await contents(project.path)).sort(), [
    "functions/.git/HEAD",
    "functions/a.ts",
    "functions/lib/b.ts",
    "src/a.ts",
    "src/c.ts",
  ]);
});

Deno.test("Links inside the functions folder lead to the copy in the stage, and no file is written through a link", async () => {
  await using project = await withFolder({
    "functions/a.ts": "a",
    "outside.ts": "outside",
    "src/l.ts": "new",
  });
  await Deno.symlink(project.at("functions/a.ts"), project.at("functions/absolute.ts"));
  await Deno.symlink("a.ts", project.at("functions/relative.ts"));
  await Deno.symlink("../outside.ts", project.at("functions/out.ts"));
  await Deno.symlink(project.at("outside.ts"), project.at("functions/l.ts"));

  await using stage = await stageOf(project, [placement(project, "src/l.ts", "l.ts")]);

  assert.deepEqual(await contents(stage.path), {
    "a.ts": "a",
    "absolute.ts": `-> ${stage.path}/a.ts`,
    "relative.ts": `-> ${stage.path}/a.ts`,
    "out.ts": "-> ../outside.ts",
    "l.ts": "new",
  });
  assert.equal(await Deno.readTextFile(project.at("outside.ts")), "outside");
});

Deno.test(
  "File modes are copied to the stage, so that files that everybody may write are found there",
  { ignore: noModes },
  async () => {
    await using project = await withFolder({ "functions/lib/a.ts": "" });
    await Deno.chmod(project.at("functions/lib"), 0o777);
    await Deno.chmod(project.at("functions/lib/a.ts"), 0o666);

    await using stage = await stageOf(project);

    assert.equal((await Deno.stat(`${stage.path}/lib`)).mode! & 0o777, 0o777);
    assert.equal((await Deno.stat(`${stage.path}/lib/a.ts`)).mode! & 0o777, 0o666);
  },
);

Deno.test("Files are placed one after the other from the stage", async () => {
  await using project = await withFolder({
    "stage/a.ts": "new",
    "stage/lib/b.ts": "b",
    "functions/a.ts": "old",
  });

  await placeFiles(project.at("stage"), project.at("functions"), ["lib/b.ts", "a.ts"]);

  assert.deepEqual(await contents(project.at("functions")), { "a.ts": "new", "lib/b.ts": "b" });
});

Deno.test("A file that cannot be placed is reported with those that were placed, and leaves nothing behind", async () => {
  await using project = await withFolder({
    "stage/a.ts": "a",
    "stage/b.ts": "b",
    "stage/c.ts": "c",
    "functions/b.ts/in/the/way": "",
  });
  const place = (...paths: string[]) => placeFiles(project.at("stage"), project.at("functions"), paths);

  await assert.rejects(
    place("a.ts", "b.ts", "c.ts"),
    /: Only a\.ts placed: b\.ts cannot be written: /,
  );
  await assert.rejects(place("b.ts"), /: Nothing was placed: b\.ts cannot be written: /);

  assert.deepEqual(await contents(project.at("functions")), { "a.ts": "a", "b.ts/in/the/way": "" });
});

Deno.test("A deploy removes the stage of a killed one, and not that of a running one", async () => {
  await using project = await withFolder({ "functions/a.ts": "a" });
  const gone = new Deno.Command("true").spawn();
  await gone.status;
  const [left, busy] = [gone.pid, Deno.ppid].map((pid) => project.at(`.hopper-deploy-${pid}-x`));
  for (const folder of [left!, busy!]) await Deno.mkdir(folder);
  await (await stageOf(project))[Symbol.asyncDispose]();

  await assert.rejects(Deno.stat(left!), Deno.errors.NotFound);
  await Deno.stat(busy!);
});
