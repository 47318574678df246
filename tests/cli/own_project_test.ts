/** Commands in a user's project, with different contents of deno.json. */

import assert from "node:assert/strict";
import { withFolder } from "../support/folder.ts";
import { cli, hopperCommand } from "../support/hopper.ts";
import { run } from "../support/process.ts";

const hopper = import.meta.resolve("../../runtime/mod.ts");
const main = cli().at(-1)!;

const rpc = (name: string, imports: string, value: string) =>
  `import { rpc } from "hopper";\n${imports}\nexport default rpc("${name}", () => ${value});\n`;

/** Runs `hopper list` with the project's deno.json, as its task does. */
async function list(cwd: string) {
  const args = ["run", "-A", "--config", "deno.json", main, "list"];
  return await run(Deno.execPath(), args, { cwd, env: { NO_COLOR: "1" } });
}

Deno.test("A deno.json without 'hopper' is reported with the import to write, and not with npm's package of that name", async () => {
  await using folder = await withFolder({
    "deno.json": JSON.stringify({ imports: { "hopper/testing": hopper.replace("mod.ts", "testing.ts") } }),
    "functions/f.ts": rpc("f", "", "1"),
  });
  const entry = '"imports": { "hopper": "npm:@hopper/hopper" }';
  const listed = await list(folder.path);
  assert.equal(listed.code, 1);
  assert.ok(listed.stderr.includes(`functions/f.ts:1:21`) && listed.stderr.includes(entry), listed.stderr);

  await Deno.writeTextFile(
    folder.at("deploy.config.ts"),
    `import { defineConfig } from "hopper";\nexport default defineConfig({});\n`,
  );
  const configured = await list(folder.path);
  assert.equal(configured.code, 2);
  assert.match(
    configured.stderr,
    /^hopper: deploy\.config\.ts fails to load: .*write in deno\.json: "imports"/,
  );
  assert.doesNotMatch(configured.stderr, /deno add|npm:hopper/);
});

Deno.test("A missing functions folder is reported with how to make one, and a broken deno.json with its name", async () => {
  await using folder = await withFolder();
  const none = await hopperCommand(["run"], { cwd: folder.path });
  assert.equal(none.code, 2);
  assert.match(
    none.stderr,
    /^hopper: No functions folder at 'functions'; make one with: .* new hello --trigger queue/,
  );

  await Deno.mkdir(folder.at("functions"));
  await Deno.writeTextFile(folder.at("functions/f.ts"), rpc("f", "", "1"));
  for (const command of ["list", "run"]) {
    await Deno.writeTextFile(folder.at("deno.json"), '{\n  // half\n  "imports" {}\n}\n');
    const broken = await hopperCommand([command], { cwd: folder.path });
    assert.equal(broken.code, 1);
    assert.match(
      broken.stderr,
      /\/deno\.json:3:\d+ {2}Expected colon after .*; correct it and save the file$/m,
    );
  }
  await Deno.writeTextFile(folder.at("deno.json"), `{ "nodeModulesDir": "sometimes" }`);
  const unknown = await hopperCommand(["list"], { cwd: folder.path });
  assert.match(unknown.stderr, /Unsupported "nodeModulesDir" value\. .*expected "auto", "manual", or "none"/);
});

Deno.test("A deno.json with comments and trailing commas is read", async () => {
  await using folder = await withFolder({
    "deno.json": `{\n  // What it imports\n  "imports": { "hopper": "${hopper}", /* more */ },\n}\n`,
    "functions/f.ts": rpc("f", "", "1"),
  });
  const { code, stdout, stderr } = await list(folder.path);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^f +rpc/m);
});

Deno.test("A function in a workspace member can import other members, aliases and JSON", async () => {
  await using folder = await withFolder({
    "deno.json": JSON.stringify({ workspace: ["./app", "./packages/*"], imports: { hopper } }),
    "packages/lib/deno.json": JSON.stringify({ name: "@w/lib", version: "1.0.0", exports: "./mod.ts" }),
    "packages/lib/mod.ts": `export const lib = "lib";`,
    "app/deno.json": JSON.stringify({ imports: { "@/": "./" } }),
    "app/x.ts": `export const x = 1;`,
    "app/data.json": `{ "is": "data" }`,
    "app/functions/f.ts": rpc(
      "f",
      `import { lib } from "@w/lib";\nimport { x } from "@/x.ts";\nimport data from "../data.json" with { type: "json" };`,
      "[lib, x, data]",
    ),
  });
  const { code, stdout, stderr } = await list(folder.at("app"));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^f +rpc/m);
});

Deno.test("Packages are loaded from a node_modules that the user manages, and nothing is fetched", async () => {
  const files = (denoJson: object) => ({
    "deno.json": JSON.stringify({ ...denoJson, imports: { hopper, twice: "npm:twice@^1.0.0" } }),
    "functions/f.ts": rpc("f", `import twice from "twice";`, "twice(21)"),
    "node_modules/twice/package.json":
      `{ "name": "twice", "version": "1.2.3", "type": "module", "exports": "./twice.js" }`,
    "node_modules/twice/twice.js": "export default (n) => 2 * n;\n",
  });
  const projects = [
    files({ nodeModulesDir: "manual" }),
    { ...files({}), "package.json": `{ "dependencies": { "twice": "^1.0.0" } }` },
  ];
  for (const project of projects) {
    await using folder = await withFolder(project);
    const { code, stdout, stderr } = await hopperCommand(["list"], { cwd: folder.path });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^f +rpc/m);
  }
});
