/** What is stored of a version: what it declares, and a copy of its files. */

import assert from "node:assert/strict";
import { FunctionsFolder } from "../../../runtime/app/functions_folder.ts";
import { withFolder } from "../../support/folder.ts";
import { job } from "../../support/job.ts";
import { withFunctions } from "../../support/functions.ts";
import { declares, inFolder, told } from "./declaring.ts";

Deno.test("A version whose files have changed is started from a copy", async () => {
  const source = (text: string) =>
    `import { rpc } from "hopper";\nimport { text } from "./_lib/text.ts";\nexport default rpc("f", async () => [text, "${text}", (await import("./_later.ts")).later]);`;
  await using functions = await withFunctions(inFolder({
    "f.ts": source("one"),
    "_lib/text.ts": `export const text = "lib one";`,
    "_later.ts": `export const later = 1;`,
  }));
  const { folder } = functions;
  await functions.read();
  await Deno.writeTextFile(folder.at("functions/f.ts"), "{ broken");
  await Deno.remove(folder.at("functions/_lib"), { recursive: true });
  await Deno.writeTextFile(folder.at("functions/_later.ts"), "export const later = 2;");

  assert.deepEqual(await functions.result("f"), ["lib one", "one", 1]);
});

Deno.test("Declarations are remembered for the same files and the same release of Hopper", async () => {
  await using folder = await withFolder(inFolder({
    "a.ts": declares("a", `import "./_x.ts";`),
    "_x.ts": "",
    "b.ts": declares("b"),
  }));
  const start = async (release: string) => {
    const functions = await FunctionsFolder.open({
      functions: folder.at("functions"),
      memory: { folder: folder.at("data"), release },
    });
    const catalog = await functions.read({});
    await functions.close();
    return catalog;
  };
  /** The stored declarations, which the test changes to see whether they are used. */
  const noted = folder.at("data/declarations.json");
  const first = told(await start("1"));
  assert.deepEqual(first, { a: "a", b: "b" });
  await Deno.writeTextFile(
    noted,
    (await Deno.readTextFile(noted)).replace('"queue":"b"', '"queue":"remembered"'),
  );

  assert.deepEqual(told(await start("1")), { a: "a", b: "remembered" });
  assert.deepEqual(told(await start("2")), first);

  await Deno.writeTextFile(folder.at("functions/_x.ts"), "throw new Error('x')");
  assert.match(told(await start("2")).a!, /Error: x/);
});

Deno.test("Functions with schemas run after every restart, though their declarations are remembered", async () => {
  await using folder = await withFolder(inFolder({
    "f.ts": `import { rpc } from "hopper";
import { z } from "zod";
export default rpc("f", { input: z.object({ n: z.number() }), output: z.number() }, ({ n }) => n + 1);`,
  }));
  for (let start = 0; start < 3; start++) {
    const functions = await FunctionsFolder.open({
      functions: folder.at("functions"),
      memory: { folder: folder.at("data"), release: "1" },
    });
    const { functions: [f] } = await functions.read({});
    const host = functions.hostOf(f!, {} as never, () => {});
    const outcome = await host.run(job(`{"n": 1}`));
    await host.close();
    await functions.close();
    assert.equal(outcome.kind, "returned", Deno.inspect(outcome));
  }
});

Deno.test("If no copy of a version can be stored, the function still runs, and that is reported", async () => {
  await using folder = await withFolder({
    "data/versions": "a file in the way",
    "data/declarations.json": "{ half",
  });
  const said: string[] = [];
  await using functions = await withFunctions(
    inFolder({ "f.ts": `import { rpc } from "hopper";\nexport default rpc("f", () => 1);` }),
    { memory: { folder: folder.at("data"), release: "1" }, onTrouble: (trouble) => said.push(trouble) },
  );
  assert.equal(await functions.result("f"), 1);
  assert.match(said.join("\n"), /^Cannot keep a copy of .*f\.ts: /);
});
