import assert from "node:assert/strict";
import { ConnectionLost } from "../../runtime/core/ports/amqp_errors.ts";
import type { Connection } from "../../runtime/core/ports/amqp.ts";
import { deploy } from "../../runtime/deploy/deploy.ts";
import { projectOf } from "../../runtime/discover/code/project.ts";
import { type Folder, withFolder } from "../support/folder.ts";

const hello = `import { queue } from "hopper";\nexport default queue("hello", () => {});`;

/** Deploys `src` to `functions`; `whileChecking` is what happens meanwhile. */
async function deployed(project: Folder, whileChecking: () => Promise<unknown>) {
  const folder = project.at("functions");
  return await deploy({
    named: [project.at("src")],
    folder,
    dryRun: false,
    config: {},
    project: (await projectOf(folder)).config,
    async connection(): Promise<Connection> {
      await whileChecking();
      throw new ConnectionLost("connecting to amqp://nowhere");
    },
  });
}

Deno.test("If no broker answers, hopper deploy says what it did not check, and places the files", async () => {
  await using project = await withFolder({ "functions/.keep": "", "src/hello.ts": hello });

  const { files, reasons, notices } = await deployed(project, () => Promise.resolve());

  assert.deepEqual(files, [{ path: "hello.ts", state: "new" }]);
  assert.deepEqual(reasons, []);
  assert.match(
    notices.join(),
    /^Not checked: whether the broker has .* while connecting to amqp:\/\/nowhere$/,
  );
  assert.equal(await Deno.readTextFile(project.at("functions/hello.ts")), hello);
});

Deno.test("A functions folder that changes while its copy is checked is not changed by the deploy", async () => {
  await using project = await withFolder({ "functions/.keep": "", "src/hello.ts": hello });

  await assert.rejects(
    deployed(project, () => Deno.writeTextFile(project.at("functions/other.ts"), hello)),
    /^HopperError: Nothing was placed: .*functions\/other\.ts changed meanwhile; deploy again$/,
  );

  assert.deepEqual([...Deno.readDirSync(project.at("functions"))].map(({ name }) => name).sort(), [
    ".keep",
    "other.ts",
  ]);
  assert.deepEqual([...Deno.readDirSync(project.path)].map(({ name }) => name).sort(), ["functions", "src"]);
});

Deno.test("A source file that changes while it is checked is placed as it was checked", async () => {
  await using project = await withFolder({ "functions/.keep": "", "src/hello.ts": hello });

  await deployed(project, () => Deno.writeTextFile(project.at("src/hello.ts"), "not checked"));

  assert.equal(await Deno.readTextFile(project.at("functions/hello.ts")), hello);
});
