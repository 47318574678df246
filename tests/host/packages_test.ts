/** Packages that a function imports are known once its file has been read, and are there when it runs. */

import assert from "node:assert/strict";
import { Hosts } from "../../runtime/host/hosts.ts";
import { projectConfig } from "../../runtime/discover/project.ts";
import { type Declared, describeProblem, type Sources } from "../../runtime/core/declared.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import { rpc } from "../../runtime/mod.ts";
import { declared } from "../support/declared.ts";
import { type Folder, withFolder } from "../support/folder.ts";
import { job } from "../support/job.ts";

/** Reads one file of a folder, and can run it in a process of its own. */
async function reading(folder: Folder, file: string, warm = 0) {
  const hosts = await Hosts.open({ functions: folder.path, config: await projectConfig(folder.path), warm });
  const [read] = await hosts.reader.read([{ name: "add", path: folder.at(file), file, isolate: "process" }]);
  return {
    problem() {
      if (read?.kind !== "problem") throw new Error("The file is read");
      return read.problem;
    },
    sources(): Sources {
      if (read?.kind !== "declaration") throw new Error(read && describeProblem(read.problem));
      assert.equal(read.code.kind, "process");
      return (read.code as { sources: Sources }).sources;
    },
    async run(sources: Sources, body: string, permissions = {}): Promise<Outcome> {
      const function_: Declared = {
        ...declared(rpc("add", { permissions }, () => {})),
        code: { kind: "process", sources },
      };
      const host = hosts.hostOf(function_, {} as never, () => {});
      try {
        return await host.run(job(body));
      } finally {
        await host.close();
      }
    },
    [Symbol.asyncDispose]: () => hosts.close(),
  };
}

const withSchema = {
  "add.ts": `import { rpc } from "hopper";
import { pair } from "./_lib/pair.ts";
export default rpc("add", { input: pair }, ([a, b]) => a + b);`,
  "_lib/pair.ts": `import { z } from "zod";
export const pair = z.tuple([z.number(), z.number()]);`,
};

const text = (outcome: Outcome) =>
  outcome.kind === "returned" ? new TextDecoder().decode(outcome.output?.body) : outcome;

Deno.test("What a file and its helpers import of packages is known, and what Hopper or Deno bring along is none", async () => {
  await using folder = await withFolder({
    ...withSchema,
    "add.ts": `import "node:path";\n${withSchema["add.ts"]}`,
  });
  await using add = await reading(folder, "add.ts");

  const { packages } = add.sources();
  assert.equal(packages.length, 1);
  assert.match(packages[0]!, /^file:.*\/zod\/.*\.js$/);
});

Deno.test("A function runs with its packages, whether they are known beforehand or not", async () => {
  await using folder = await withFolder(withSchema);
  await using add = await reading(folder, "add.ts");

  const sources = add.sources();
  for (const packages of [sources.packages, []]) {
    assert.equal(text(await add.run({ ...sources, packages }, "[2, 3]")), "5");
    assert.equal((await add.run({ ...sources, packages }, `["2", 3]`)).kind, "rejected");
  }
});

Deno.test("A package that cannot be loaded beforehand says so only to whoever imports it", async () => {
  await using folder = await withFolder({
    "add.ts": `import { rpc } from "hopper";\nexport default rpc("add", ([a, b]) => a + b);`,
  });
  await using add = await reading(folder, "add.ts");

  const packages = ["file:///nowhere/gone.js", "file:///etc/passwd"];
  assert.equal(text(await add.run({ ...add.sources(), packages }, "[2, 3]")), "5");
});

/** A project of its own, whose lock file knows no package yet. */
const project = (source: string) => ({
  "deno.json": JSON.stringify({
    imports: { hopper: import.meta.resolve("hopper") },
    nodeModulesDir: "none",
  }),
  "add.ts": `import { rpc } from "hopper";\n${source}`,
});

// A package of CommonJS, small, and no dependency of Hopper's.
const leftPad = "npm:left-pad@1.3.0";

for (
  const [when, source] of Object.entries({
    "when it is loaded":
      `import pad from "${leftPad}";\nexport default rpc("add", ([a, b]) => pad(String(a + b), 3, "0"));`,
    "only when it runs": `export default rpc("add", async ([a, b]) => {
        const { default: pad } = await import("${leftPad}");
        return pad(String(a + b), 3, "0");
      });`,
  })
) {
  Deno.test(`A package that nobody has fetched is fetched for a file that imports it ${when}`, async () => {
    await using folder = await withFolder(project(source));
    // Processes that are ready were started before it was.
    await using add = await reading(folder, "add.ts", 2);

    assert.equal(text(await add.run(add.sources(), "[2, 3]")), '"005"');
    assert.match(await Deno.readTextFile(folder.at("deno.lock")), /left-pad@1\.3\.0/);
  });
}

Deno.test("A package that there is not is said so", async () => {
  await using folder = await withFolder(
    project(`import x from "npm:left-pad@999.0.0";\nexport default rpc("add", () => x);`),
  );
  await using add = await reading(folder, "add.ts");

  assert.match(add.problem().message, /could not be fetched: .*left-pad/s);
});

Deno.test("What a package looks up when it is loaded, the file asks for, or is told to", async () => {
  const file = (permissions: string) =>
    project(`import "./_lib/configured.ts";
      import { hostname } from "node:os";
      hostname();
      export default rpc("add", { permissions: ${permissions} }, ([a, b]) => a + b);`);
  const helper = { "_lib/configured.ts": `export const user = process.env.USER ?? process.env.LOGNAME;` };

  for (
    const [asked, told] of [
      ["{}", 'permissions: { env: ["USER"] }'],
      ['{ env: ["USER"], net: ["api.example"] }', 'permissions: { env: ["USER", "LOGNAME"] }'],
      ['{ env: ["USER", "LOGNAME"] }', 'permissions: { env: ["USER", "LOGNAME"], sys: ["hostname"] }'],
    ] as const
  ) {
    await using folder = await withFolder({ ...file(asked), ...helper });
    await using add = await reading(folder, "add.ts");
    assert.ok(add.problem().fix.endsWith(told), add.problem().fix);
  }

  const permissions = { env: ["USER", "LOGNAME"], sys: ["hostname"] };
  await using folder = await withFolder({ ...file(JSON.stringify(permissions)), ...helper });
  await using add = await reading(folder, "add.ts");
  add.sources();
});
