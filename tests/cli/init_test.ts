/** `hopper init` and `hopper new --test`: what they write runs, type-checks and passes its tests at once. */

import assert from "node:assert/strict";
import { withFolder } from "../support/folder.ts";
import { hopperCommand } from "../support/hopper.ts";
import { start } from "../support/process.ts";

const kinds = ["queue", "fanout", "direct", "topic", "headers", "rpc"];

// The sources of Hopper are checked with the project's.
const patience = 120_000;

/** Runs the checks that a new project must pass. The type check includes its tests. */
async function assertSound(cwd: string): Promise<void> {
  for (const args of [["task", "check"], ["fmt", "--check"], ["lint"], ["task", "test", "--no-check"]]) {
    await using deno = start(Deno.execPath(), args, { cwd, env: { NO_COLOR: "1" } });
    const { code, stdout, stderr } = await deno.exit({ timeout: patience });
    assert.equal(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
  }
}

Deno.test("A new project type-checks, is formatted, and passes its tests", async () => {
  await using folder = await withFolder();
  const { code, stdout, stderr } = await hopperCommand(["init", "my shop"], { cwd: folder.path });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^made {2}my shop\/deno\.json$/m);
  assert.match(stdout, /Next:\n\n {2}cd 'my shop'\n {2}deno task hopper run\n/);
  await assertSound(folder.at("my shop"));
});

Deno.test("The init command with the tutorial's template writes its six functions", async () => {
  await using folder = await withFolder();
  const { code, stderr } = await hopperCommand(["init", "--template", "tutorial"], { cwd: folder.path });
  assert.equal(code, 0, stderr);
  const { functions } = JSON.parse((await hopperCommand(["list", "--json"], { cwd: folder.path })).stdout);
  assert.deepEqual(
    functions.map(({ name }: { name: string }) => name),
    ["direct_logs", "fib", "hello", "logs", "topic_logs", "work"],
  );
  await assertSound(folder.path);
});

Deno.test("The init command keeps existing files, and says what an existing deno.json needs", async () => {
  const own = { "deno.json": "{}", "README.md": "# Mine\n", "functions/mine.ts": "// Mine\n" };
  await using folder = await withFolder(own);
  const first = await hopperCommand(["init"], { cwd: folder.path });
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /deno\.json is there already; it has to have:\n\n {2}\{\n {4}"imports": \{\n {6}"hopper":/,
  );
  assert.match(first.stdout, /^kept {2}README\.md\n/m);
  assert.match(first.stdout, /^made {2}functions\/greet\.ts$/m);
  for (const [path, text] of Object.entries(own)) {
    assert.equal(await Deno.readTextFile(folder.at(path)), text);
  }
});

Deno.test("The init command refuses a file in the place of the project's folder", async () => {
  await using folder = await withFolder({ shop: "" });
  const { code, stderr } = await hopperCommand(["init", "shop"], { cwd: folder.path });
  assert.deepEqual([code, stderr], [
    2,
    "hopper: 'shop' is a file; expected a folder, which is made if it is not there\n",
  ]);
});

Deno.test("The new command with --test writes a passing test for each kind of function", async () => {
  await using folder = await withFolder();
  const hopper = (...args: string[]) => hopperCommand(args, { cwd: folder.path });
  assert.equal((await hopper("init")).code, 0);
  for (const kind of kinds) {
    const { code, stderr, stdout } = await hopper("new", `my.${kind}`, "--trigger", kind, "--test");
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^functions/my/${kind}_test\\.ts$`, "m"));
  }
  await assertSound(folder.path);
});
