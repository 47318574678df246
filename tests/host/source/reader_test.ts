/** Known versions are not read again, and a file gets the variables that it needs to load. */

import assert from "node:assert/strict";
import type { Catalog } from "../../../runtime/discover/catalog.ts";
import { withFunctions } from "../../support/functions.ts";
import { declares, inFolder, told } from "./declaring.ts";

Deno.test("A file is not read again if it and its imports have not changed", async () => {
  await using functions = await withFunctions(inFolder({
    "a.ts": declares("a", `import "./_lib/x.ts";`),
    "b.ts": declares("b"),
    "c.ts": declares("c", `const later = () => import("./_lib/y.ts");`),
    "_lib/x.ts": `import "./y.ts";`,
    "_lib/y.ts": "",
    "_lib/unused.ts": "",
  }));
  const { folder } = functions;
  const codes = ({ functions }: Catalog) => new Map(functions.map(({ name, code }) => [name, code]));
  const first = codes(await functions.read());

  assert.deepEqual([...codes(await functions.read())], [...first], "the very same");
  await Deno.writeTextFile(folder.at("functions/_lib/unused.ts"), "changed();");
  const still = codes(await functions.read());
  assert.ok([...first].every(([name, code]) => still.get(name) === code), "what nobody imports changed");

  await Deno.writeTextFile(folder.at("functions/_lib/y.ts"), "export const y = 1;");
  const changed = codes(await functions.read());
  assert.deepEqual([...first].filter(([name, code]) => changed.get(name) !== code).map(([name]) => name), [
    "a",
    "c",
  ]);
  const modules = (name: string) => {
    const code = changed.get(name)!;
    return code.kind === "process" ? code.version.modules.size : 0;
  };
  assert.deepEqual([modules("a"), modules("c")], [3, 2]);
});

Deno.test("A file that could not be read is read again when it or its imports change", async () => {
  await using functions = await withFunctions(inFolder({
    "a.ts": declares("a", `import "./_x.ts";`),
    "b.ts": declares("b"),
    "c.ts": declares("c", `if (!Deno.env.get("HOPPER_TEST_ONLY_LATER")) throw new Error("Not yet");`),
  }));
  const { folder } = functions;
  const before = told(await functions.read());
  assert.match(before.a!, /Module not found/);
  assert.match(before.c!, /Not yet/);

  await Deno.writeTextFile(folder.at("functions/_x.ts"), "");
  Deno.env.set("HOPPER_TEST_ONLY_LATER", "1");
  try {
    const after = told(await functions.read());
    assert.deepEqual([after.a, after.b], ["a", "b"]);
    assert.match(after.c!, /Not yet/, "nothing about the file has changed");
    const now = new Date();
    await Deno.utime(folder.at("functions/c.ts"), now, now);
    assert.match(told(await functions.read()).c!, /fails to load without 'HOPPER_TEST_ONLY_LATER'/);
  } finally {
    Deno.env.delete("HOPPER_TEST_ONLY_LATER");
  }
});

Deno.test("A file with other content is another version, even with the same size and time", async () => {
  await using functions = await withFunctions(inFolder({ "a.ts": declares("one") }));
  const path = functions.folder.at("functions/a.ts");
  const then = new Date("2020-01-01");
  await Deno.utime(path, then, then);
  assert.deepEqual(told(await functions.read()), { a: "one" });

  await Deno.writeTextFile(path, declares("two"));
  await Deno.utime(path, then, then);
  assert.deepEqual(told(await functions.read()), { a: "two" });

  const other = functions.folder.at("other.ts");
  await Deno.writeTextFile(other, declares("six"));
  await Deno.utime(other, then, then);
  await Deno.rename(other, path);
  assert.deepEqual(told(await functions.read()), { a: "six" });
});

Deno.test("A file gets the variables that it asks for while it is read, and all missing ones are reported together", async () => {
  const given = { HOPPER_TEST_KEY: "k", HOPPER_TEST_HOST: "h" };
  for (const [name, value] of Object.entries(given)) Deno.env.set(name, value);
  try {
    await using functions = await withFunctions(inFolder({
      "asks.ts": `import { queue } from "hopper";
        const key = Deno.env.get("HOPPER_TEST_KEY");
        if (!key) throw new Error("No key");
        export default queue(key, { permissions: { env: ["HOPPER_TEST_KEY"] } }, () => {});`,
      "silent.ts": declares(
        "silent",
        `for (const name of ["HOPPER_TEST_KEY", "HOPPER_TEST_HOST"]) if (!process.env[name]) throw new Error("No " + name);`,
      ),
      "unset.ts": declares(
        "unset",
        `for (const name of ["A", "KEY", "B"]) if (!process.env["HOPPER_TEST_" + name]) throw new Error("No " + name);`,
      ),
      "secret.ts": declares("secret", `if (!process.env.AMQP_URL) throw new Error("No broker");`),
    }));
    const problems = await functions.problems();
    assert.deepEqual(
      Object.keys(problems).sort(),
      ["silent.ts", "unset.ts", "secret.ts"].map((n) => `functions/${n}`).sort(),
    );
    assert.equal(
      problems["functions/silent.ts"],
      "It fails to load without 'HOPPER_TEST_KEY', 'HOPPER_TEST_HOST', which it does not ask for; " +
        'write in the file: permissions: { env: ["HOPPER_TEST_KEY", "HOPPER_TEST_HOST"] }',
    );
    assert.match(
      problems["functions/unset.ts"]!,
      /variables that are not set \(HOPPER_TEST_A, HOPPER_TEST_B\): .* env: \["HOPPER_TEST_A", "HOPPER_TEST_KEY", "HOPPER_TEST_B"\]/,
    );
    const { functions: [declared] } = await functions.read();
    assert.deepEqual(declared!.trigger, { kind: "queue", queue: "k" });
  } finally {
    for (const name of Object.keys(given)) Deno.env.delete(name);
  }
});

Deno.test("All facts of the system that a file needs to load are reported together", async () => {
  await using functions = await withFunctions(inFolder({
    "a.ts": declares("a", `import os from "node:os"; os.hostname(); os.cpus(); os.loadavg();`),
  }));
  assert.match(
    (await functions.problems())["functions/a.ts"]!,
    /write in the file: permissions: \{ sys: \["hostname", "cpus", "loadavg"\] \}, and in deploy\.config\.ts/,
  );
});
