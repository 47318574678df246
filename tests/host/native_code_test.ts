/** Packages with native code: all missing permissions are reported together, and with them the packages run. */

import assert from "node:assert/strict";
import { hopperImports, withFunctions } from "../support/functions.ts";

const permissions = "{ read: true, ffi: true, sys: true }";
const allowed = { permissions: { read: true, ffi: true, sys: true } } as const;
const nodeApi = /Deno loads native code only if it uses Node-API, .* node:sqlite for SQLite$/;

Deno.test("A package with native code is reported with all the permissions that it needs, and runs with them", async () => {
  const source = (options: string) =>
    `import { rpc } from "hopper";\nimport bcrypt from "npm:bcrypt@6.0.0";\n` +
    `export default rpc("f", ${options}(text: string) => bcrypt.compareSync(text, bcrypt.hashSync(text, 4)));`;
  await using functions = await withFunctions({
    "deno.json": JSON.stringify({ imports: hopperImports }),
    "functions/f.ts": source(""),
  });

  const told = (await functions.problems())["functions/f.ts"]!;
  assert.match(told, /^The package 'bcrypt' has native code, which needs permissions: /);
  assert.ok(
    told.includes(`write in the file: permissions: ${permissions}; in deploy.config.ts: functions: `),
  );
  assert.match(told, nodeApi);

  await Deno.writeTextFile(
    functions.folder.at("functions/f.ts"),
    source(`{ permissions: ${permissions} }, `),
  );
  assert.match((await functions.problems())["functions/f.ts"]!, /^The package 'bcrypt' has native code/);
  const config = { functions: { f: allowed } };
  assert.deepEqual(await functions.problems(config), {}, "what the operator allows now, it loads with");
  assert.equal(await functions.result("f", "word"), true);

  await Deno.writeTextFile(functions.folder.at("functions/f.ts"), source(""));
  assert.equal(
    (await functions.problems(config))["functions/f.ts"],
    `It fails to load without native code, which it does not ask for; write in the file: permissions: ${permissions}`,
  );
});

/** A project with packages in its node_modules. The install script of `unbuilt` would build it. */
const project = (source: string) => ({
  "deno.json": JSON.stringify({
    nodeModulesDir: "manual",
    imports: { ...hopperImports, unbuilt: "npm:unbuilt@1" },
  }),
  "functions/f.ts": source,
  "node_modules/unbuilt/package.json": JSON.stringify({
    name: "unbuilt",
    version: "1.0.0",
    scripts: { install: "node-gyp rebuild" },
    dependencies: { bindings: "1" },
  }),
  "node_modules/unbuilt/binding.gyp": "{}",
  "node_modules/unbuilt/index.js": `const find = require("bindings"); exports.open = () => find("unbuilt");`,
  "node_modules/bindings/package.json": JSON.stringify({ name: "bindings", version: "1.0.0" }),
  "node_modules/bindings/index.js":
    `module.exports = () => { if (!process.env.NODE_BINDINGS_ARROW) throw new Error("It is not built"); };`,
});

Deno.test("A package whose install script has not built its native code is reported with how to run that script", async () => {
  await using functions = await withFunctions(project(
    `import { rpc } from "hopper";\nimport { open } from "unbuilt";\nopen();\nexport default rpc("f", () => 1);`,
  ));
  const told = (await functions.problems())["functions/f.ts"]!;
  assert.match(
    told,
    /^The package 'unbuilt' has native code, which needs permissions and its install script: /,
  );
  assert.match(told, /"nodeModulesDir": "manual"; and run: deno install --allow-scripts=npm:unbuilt; /);
  assert.match(told, nodeApi);
});

Deno.test("Native code that a handler loads is reported with all the permissions that it needs", async () => {
  await using functions = await withFunctions(project(
    `import { rpc } from "hopper";\nimport { open } from "unbuilt";\nexport default rpc("f", () => open());`,
  ));
  const outcome = await functions.run("f", 1);
  const { message } = (outcome as { error: Error }).error;
  const all =
    '{ env: ["NODE_BINDINGS_ARROW", "NODE_BINDINGS_COMPILED_DIR"], read: true, ffi: true, sys: true }';
  assert.ok(
    message.includes(`may not load a package's native code; write in the file: permissions: ${all}`),
    message,
  );
  assert.ok(message.includes(`in deploy.config.ts: functions: { "f": { permissions: ${all} } }`), message);
  assert.match(message, nodeApi);
});
