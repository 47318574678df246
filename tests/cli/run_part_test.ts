/** `hopper run` with some functions of a folder, and with variables from files. */

import assert from "node:assert/strict";
import { startTestBroker } from "../../runtime/testing.ts";
import { connect } from "../../runtime/client/mod.ts";
import { hopperCommand, startHopper } from "../support/hopper.ts";
import { withFolder } from "../support/folder.ts";

const replies = (name: string, value: string, options = "{}") =>
  `import { rpc } from "hopper";\nexport default rpc("${name}", ${options}, () => ${value});\n`;

const served = (lines: { function?: string }[]) => [...new Set(lines.map((line) => line.function))].sort();

Deno.test("The flags --only and --except, and the setting 'enabled', select functions; a saved 'enabled' applies at once", async () => {
  await using broker = await startTestBroker();
  const off = "export default { functions: { c: { enabled: false } } };";
  await using hopper = await startHopper({
    functions: Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, replies(name, `"${name}"`)])),
    broker: broker.url,
    config: off,
    args: ["--only", "a", "--only", "[b-c]", "--only", "b", "--only", "c", "--except", "b*"],
  });
  assert.deepEqual(served(hopper.logged("attached")), ["a"]);
  await hopper.event("notice", { message: "deploy.config.ts switches 'c' off: enabled is false" });
  await hopper.event("notice", { message: "--only '[b-c]' matches no function" });

  await Deno.writeTextFile(`${hopper.dir}/deploy.config.ts`, off.replace("false", "true"));
  await hopper.event("attached", { function: "c" });
  await Deno.writeTextFile(`${hopper.dir}/deploy.config.ts`, off);
  await hopper.event("removed", { function: "c" });
  await using client = await connect(broker.url);
  await assert.rejects(client.call("c", 1), { code: "NO_SUCH_FUNCTION" });
  assert.equal(await client.call("a", 1), "a");
});

Deno.test("Variables of --env-file reach the functions that ask for them, and are not printed", async () => {
  await using broker = await startTestBroker();
  const all =
    'JSON.stringify(["KEY", "TEXT", "SECOND", "SHELL"].map((name) => { try { return Deno.env.get(name) } catch { return "denied" } }))';
  await using hopper = await startHopper({
    functions: {
      asks: replies("asks", all, '{ permissions: { env: ["KEY", "TEXT", "SECOND", "SHELL"] } }'),
      other: replies("other", all),
    },
    broker: broker.url,
    files: {
      ".env": 'KEY=first\nTEXT="two \\n lines"\nSHELL=file\nOTHER=secret-1\n',
      "more.env": "export SECOND=${KEY_OF_SHELL}-2 # a comment\nKEY=later\n",
    },
    env: { SHELL: "set", KEY_OF_SHELL: "expanded" },
    args: ["--env-file", ".env", "--env-file", "more.env"],
  });
  await using client = await connect(broker.url);
  assert.deepEqual(JSON.parse(await client.call("asks", 1) as string), [
    "later",
    "two \n lines",
    "expanded-2",
    "set",
  ]);
  assert.deepEqual(JSON.parse(await client.call("other", 1) as string), [
    "denied",
    "denied",
    "denied",
    "denied",
  ]);
  assert.ok(!hopper.output.some((line) => line.includes("secret-1")));
});

Deno.test("A .env file that no flag names is not read", async () => {
  await using broker = await startTestBroker();
  await using hopper = await startHopper({
    functions: {
      asks: replies(
        "asks",
        'Deno.env.get("ONLY_IN_FILE") ?? "not set"',
        '{ permissions: { env: ["ONLY_IN_FILE"] } }',
      ),
    },
    broker: broker.url,
    files: { ".env": "ONLY_IN_FILE=1\n" },
  });
  await hopper.event("ready");
  await using client = await connect(broker.url);
  assert.equal(await client.call("asks", 1), "not set");
});

Deno.test("A file of --env-file that does not exist, or is not text, is a usage error that shows none of its content", async () => {
  await using folder = await withFolder({ "functions/f.ts": replies("f", "1") });
  await Deno.writeFile(folder.at("bytes.env"), new Uint8Array([65, 61, 255, 254, 10]));
  for (
    const [file, text] of [["no.env", /^hopper: No file at 'no\.env', which --env-file names/], [
      "bytes.env",
      /utf-8/,
    ]] as const
  ) {
    const { code, stderr } = await hopperCommand(["run", "--env-file", file], { cwd: folder.path });
    assert.equal(code, 2);
    assert.match(stderr, text);
  }
});
