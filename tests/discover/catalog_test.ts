import assert from "node:assert/strict";
import type { Config } from "../../runtime/core/api/options.ts";
import { readFolder } from "../../runtime/app/functions_folder.ts";
import { withFolder } from "../support/folder.ts";

async function read(files: Record<string, string>, config: Config = {}) {
  await using folder = await withFolder(files);
  const { functions, problems, notices } = await readFolder(folder.path, config);
  const short = (text: string) => text.replaceAll(`${folder.path}/`, "");
  return {
    names: functions.map(({ name }) => name),
    functions,
    problems: problems.map(({ file, line, message }) => short(`${file}:${line ?? ""} ${message}`)),
    notices: notices.map(short),
  };
}

const hello = `import { queue } from "hopper";\nexport default queue("hello", () => {});`;

Deno.test("Functions are read from a folder, and the config overrides their settings", async () => {
  const { functions, problems, notices } = await read({
    "hello.ts": hello,
    "billing/charge.ts":
      `import { rpc } from "hopper";\nexport default rpc("charge", { prefetch: 5 }, () => 1);`,
  }, { defaults: { prefetch: 50 }, functions: { "billing.*": { prefetch: 1 } } });

  assert.deepEqual(functions.map(({ name, settings }) => [name, settings.prefetch]), [
    ["billing.charge", 1],
    ["hello", 50],
  ]);
  assert.deepEqual([problems, notices], [[], []]);
});

Deno.test("Each bad file is reported with its own problem, and the other functions are kept", async () => {
  const { names, problems } = await read({
    "hello.ts": hello,
    "empty.ts": "",
    "handler.ts": "export default () => {};",
    "syntax.ts": "export default queue(;",
    "throws.ts": `throw new Error("no key");`,
    "circular.ts": "const c = {}; c.c = c; throw c;",
    "bigint.ts": `import { queue } from "hopper";\nexport default queue(5n, () => {});`,
    "typo.ts": `import { queue } from "hopper";\nexport default queue("a", {\n  prefech: 1 }, () => {});`,
    "pattern.ts": `import { topic } from "hopper";\n\nexport default topic("logs", "kern*.x", () => {});`,
    "retried.ts":
      `import { queue } from "hopper";\nexport default queue("b", { ack: "none", retry: {} }, () => {});`,
    "a.b.ts": hello,
    "a/b.ts": hello,
    "one.ts": `import { fanout } from "hopper";\nexport default fanout("x", { queue: "own" }, () => {});`,
    "two.ts": `import { fanout } from "hopper";\nexport default fanout("y", { queue: "own" }, () => {});`,
  });

  assert.deepEqual(names, ["hello"]);
  assert.deepEqual(problems.map((problem) => problem.split(":")[0]).sort(), [
    "a.b.ts",
    "a/b.ts",
    "bigint.ts",
    "circular.ts",
    "empty.ts",
    "handler.ts",
    "one.ts",
    "pattern.ts",
    "retried.ts",
    "syntax.ts",
    "throws.ts",
    "two.ts",
    "typo.ts",
  ]);
  assert.ok(problems.includes("typo.ts:3 Unknown option 'prefech'; did you mean 'prefetch'?"));
  assert.ok(problems.includes("bigint.ts:2 The queue's name is 5n, expected a string"));
});

Deno.test("A default export that throws when it is read is a problem of that file only", async () => {
  const { names, problems } = await read({
    "hello.ts": hello,
    "hostile.ts": `import { queue } from "hopper";
export default queue("a", { get prefetch() { throw new Error("no"); } }, () => {});`,
    "forged.ts": `export default { [Symbol.for("hopper.function")]: {} };`,
  });

  assert.deepEqual(names, ["hello"]);
  assert.deepEqual(problems.map((problem) => problem.replace(/: TypeError.*/, "")).sort(), [
    "forged.ts: The default export cannot be read",
    "hostile.ts: The default export cannot be read: Error: no",
  ]);
});

Deno.test("A config entry that matches no file is reported, but not one for a broken file", async () => {
  const { notices } = await read({ "hello.ts": hello, "broken.ts": "" }, {
    functions: { helo: {}, "billing.*": {}, broken: {}, "*": {}, hello: {} },
  });
  assert.deepEqual(notices, [
    `deploy.config.ts: functions["helo"] matches no function; did you mean 'hello'?`,
    `deploy.config.ts: functions["billing.*"] matches no function`,
  ]);
});

Deno.test("Functions that consume the same queue are reported", async () => {
  const { names, notices } = await read({ "a.ts": hello, "b.ts": hello });
  assert.deepEqual(names, ["a", "b"]);
  assert.deepEqual(notices, ["a and b compete for queue 'hello': each gets a part of its messages"]);
});

Deno.test("A missing functions folder is an error, and an empty one is not", async () => {
  assert.deepEqual(await read({}), { names: [], functions: [], problems: [], notices: [] });
  await assert.rejects(readFolder("/nowhere/at/all", {}), Deno.errors.NotFound);
});

Deno.test("A helper that everybody may write is refused, together with the functions that import it", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using folder = await withFolder({
    "_lib/open.ts": "export const answer = 42;",
    "asks.ts": `import { answer } from "./_lib/open.ts";
      import { rpc } from "hopper"; export default rpc("asks", () => answer);`,
    "hello.ts": hello,
  });
  await Deno.chmod(folder.at("_lib/open.ts"), 0o666);

  const { functions, problems } = await readFolder(folder.path, {});

  assert.deepEqual(functions.map(({ name }) => name), ["hello"]);
  const fix = `write: chmod o-w ${folder.at("_lib/open.ts")}`;
  assert.deepEqual(problems.map((problem) => [problem.file, problem.fix]), [
    [folder.at("_lib/open.ts"), fix],
    [folder.at("asks.ts"), fix],
  ]);
});
