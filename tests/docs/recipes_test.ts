/** Each recipe of docs/recipes/, as `hopper init --template` copies it: it is formatted, and its tests pass. */

import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { withFolder } from "../support/folder.ts";
import { hopperCommand } from "../support/hopper.ts";
import { start } from "../support/process.ts";
import { leaveOut } from "../support/rabbitmq.ts";
import { isStoreInstalled, startStore, storePackages } from "../support/store_node.ts";

const recipes = new URL("../../docs/recipes/", import.meta.url);
const names = Array.from(Deno.readDirSync(recipes), ({ name }) => name).sort();

const patience = 120_000;

// Their types are checked by `deno task check`, with everything else.
const checks = [["fmt", "--check"], ["lint"], ["task", "test", "--no-check"]];

const hasPostgresql = isStoreInstalled("postgres");
if (!hasPostgresql) leaveOut("PostgreSQL", storePackages.postgres);

for (const name of names) {
  Deno.test(`The recipe ${name} passes its tests where it was copied to`, async () => {
    await using folder = await withFolder();
    await using database = name === "change-feed" && hasPostgresql ? await startStore("postgres") : undefined;
    const env = { NO_COLOR: "1", ...database && { DATABASE_URL: database.url } };
    const made = await hopperCommand(["init", "--template", name], { cwd: folder.path });
    assert.equal(made.code, 0, made.stderr);
    for (const args of checks) {
      await using deno = start(Deno.execPath(), args, { cwd: folder.path, env });
      const { code, stdout, stderr } = await deno.exit({ timeout: patience });
      assert.equal(code, 0, `deno ${args.join(" ")}: ${stdout}${stderr}`);
    }
  });
}

Deno.test("What recipes import has the versions with which it is checked here", async () => {
  for (const name of names) {
    const own = await Deno.readTextFile(new URL(`${name}/deno.json`, recipes)).catch(() => "{}");
    for (const [module, from] of Object.entries(JSON.parse(own).imports ?? {})) {
      assert.equal((manifest.imports as Record<string, string>)[module], from, module);
    }
  }
});

Deno.test("The page of recipes lists each of them", async () => {
  const page = await Deno.readTextFile(new URL("../recipes.md", recipes));
  const listed = [...page.matchAll(/^\| \[([\w-]+)\]\(recipes\/\1\/README\.md\)/gm)].map(([, name]) => name);
  assert.deepEqual(listed.sort(), names);
});
