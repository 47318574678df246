/** Reading declarations: what one file does costs that file alone, and what is known is not read again. */

import assert from "node:assert/strict";
import { FunctionsFolder } from "../../runtime/app/functions_folder.ts";
import type { Catalog } from "../../runtime/discover/catalog.ts";
import { withFolder } from "../support/folder.ts";
import { withFunctions } from "../support/functions.ts";

/** A file that declares the queue `name`, and does something before. */
const declares = (name: string, does = "") =>
  `import { queue } from "hopper";\n${does}\nexport default queue("${name}", () => {});`;

const inFolder = (files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`functions/${name}`, text]));

/** What was read, by function: the queue's name, what is wrong, or that it is pending. */
function told({ functions, problems, pending }: Catalog): Record<string, string> {
  return Object.fromEntries([
    ...functions.map(({ name, trigger }) => [name, (trigger as { queue: string }).queue]),
    ...problems.map(({ file, message }) => [/([^/]*)\.\w+$/.exec(file)![1]!, message]),
    ...pending.map((name) => [name, "pending"]),
  ]);
}

/** Waits until a read was told of. */
function lateness() {
  let late = Promise.withResolvers<void>();
  return {
    onLate: () => late.resolve(),
    async next() {
      await late.promise;
      late = Promise.withResolvers();
    },
  };
}

Deno.test("What has not changed, nor anything it imports, is not read again", async () => {
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

Deno.test("A file that could not be read is tried again when what it imports comes, or it is written again", async () => {
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

Deno.test("Another content of the same size and time is another version", async () => {
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

Deno.test("What a file does at its top costs that file alone, and is told", async () => {
  await using functions = await withFunctions(inFolder({
    "a_good.ts": declares("good"),
    "exits.ts": declares("exits", "Deno.exit(3);"),
    "exits_by_node.ts": declares("exits", `import process from "node:process"; process.exit(4);`),
    "fills.ts": declares("fills", "for (const all: unknown[] = [];;) all.push(new Array(1e5).fill(0));"),
    "throws.ts": declares("throws", `throw new Error("No");`),
    "throws_later.ts": declares(
      "late",
      `setTimeout(() => { throw new Error("Late"); }); await new Promise(() => {});`,
    ),
    "asks.ts": declares(
      "asks",
      `if (prompt("Password?") === null && !confirm("Sure?")) throw new Error("Nobody answers");`,
    ),
    "permits.ts": declares(
      "permits",
      `const { state } = await Deno.permissions.request({ name: "read" }); throw new Error(state);`,
    ),
    "z_good.ts": declares("also good"),
  }));

  const ends = "The file ends its process when it is loaded: it";
  const fails = "The file fails to load: Error:";
  assert.deepEqual(told(await functions.read()), {
    a_good: "good",
    exits: `${ends} exited with code 3`,
    exits_by_node: `${ends} exited with code 4`,
    fills: `${ends} ran out of memory: its setting 'memory' is 128MB`,
    throws: `${fails} No`,
    throws_later: `${ends} ended with an error that nobody caught: Error: Late`,
    asks: `${fails} Nobody answers`,
    permits: `${fails} denied`,
    z_good: "also good",
  });
});

Deno.test("A file that never ends loading is reported after a while, and keeps no other waiting", async () => {
  const late = lateness();
  await using functions = await withFunctions(
    inFolder({
      "a_loops.ts": declares("loops", "for (;;);"),
      "b.ts": declares("b"),
      "c_waits.ts": declares("waits", "await new Promise(() => {});"),
    }),
    { patience: { othersMs: 1_000, slowMs: 1_000, onLate: late.onLate } },
  );
  const slow =
    "It has not finished loading after 1 s, in which packages may still be fetched; the others do not wait for it";
  let read = told(await functions.read());
  for (; read.a_loops === "pending" || read.c_waits === "pending"; read = told(await functions.read())) {
    await late.next();
  }
  assert.deepEqual(read, { a_loops: slow, b: "b", c_waits: slow });

  // They are being read still, and nobody waits for them again: not even until the next is reported as slow.
  await Deno.writeTextFile(functions.folder.at("functions/d.ts"), declares("d"));
  let again = told(await functions.read());
  for (; again.d === "pending"; again = told(await functions.read())) await late.next();
  assert.deepEqual(again, { a_loops: slow, b: "b", c_waits: slow, d: "d" });
});

Deno.test("What one file does to its globals does not reach what is read of another", async () => {
  const names = ["b", "c", "d", "e", "f"];
  await using functions = await withFunctions(inFolder({
    "a_forger.ts": declares(
      "forger",
      `const { stringify } = JSON;
       JSON.stringify = (value: any, ...rest: any[]) => stringify(value?.trigger ? { ...value, trigger: { kind: "queue", queue: "mine" } } : value, ...rest);
       Object.prototype.toString = () => "mine";
       globalThis.postMessage = () => {};
       Promise.prototype.then = new Proxy(Promise.prototype.then, {});
       Array.prototype.map = new Proxy(Array.prototype.map, { apply: (f, self, args) => Reflect.apply(f, self, args) });
       Deno.env.get = () => "mine";`,
    ),
    ...Object.fromEntries(names.map((name) => [`${name}.ts`, declares(name)])),
  }));
  const { a_forger: _, ...others } = told(await functions.read());
  assert.deepEqual(others, Object.fromEntries(names.map((name) => [name, name])));
});

Deno.test("A file that says it is another is not believed when it runs", async () => {
  await using functions = await withFunctions(inFolder({
    "a.ts": `import { queue } from "hopper";
      const inWorker = typeof (globalThis as any).WorkerGlobalScope === "function";
      export default queue(inWorker ? "theirs" : "own", () => {});`,
  }));
  await functions.read();
  const outcome = await functions.run("a", 1);
  assert.equal(outcome.kind, "unavailable");
  assert.match(
    String((outcome as { error: Error }).error.message),
    /It declares something else than when it was read/,
  );
});

Deno.test("While it is read a file reads its own modules, and nothing else", async () => {
  await using functions = await withFunctions(inFolder({
    "a.ts": declares(
      "a",
      `const tried = ["./b.ts", "./_lib.ts", "../deno.json", "/etc/hostname"].map((path) => {
         try { return Deno.readTextFileSync(new URL(path, import.meta.url)).length > 0; } catch (error) { return (error as Error).name; }
       });
       import "./_lib.ts";
       throw new Error(tried.join());`,
    ),
    "_lib.ts": "1;",
    "b.ts": declares("b"),
  }));
  assert.equal(
    told(await functions.read()).a,
    "The file fails to load: Error: NotCapable,true,NotCapable,NotCapable",
  );
});

Deno.test("Variables that a file asks for are set while it is read, and what it looks for is told at once", async () => {
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
      "unset.ts": declares("unset", `if (!process.env.HOPPER_TEST_UNSET) throw new Error("No variable");`),
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
    assert.match(problems["functions/unset.ts"]!, /looks for variables .* env: \["HOPPER_TEST_UNSET"\]/);
    const { functions: [declared] } = await functions.read();
    assert.deepEqual(declared!.trigger, { kind: "queue", queue: "k" });
  } finally {
    for (const name of Object.keys(given)) Deno.env.delete(name);
  }
});

Deno.test("Every fact of the system that a file needs when it is loaded is told at once", async () => {
  await using functions = await withFunctions(inFolder({
    "a.ts": declares("a", `import os from "node:os"; os.hostname(); os.cpus(); os.loadavg();`),
  }));
  assert.match(
    (await functions.problems())["functions/a.ts"]!,
    /write in the file: permissions: \{ sys: \["hostname", "cpus", "loadavg"\] \}, and in deploy\.config\.ts/,
  );
});

Deno.test("Data beside functions costs nothing, however much there is", async () => {
  await using functions = await withFunctions(inFolder({
    "a.ts": declares("a"),
    "b.ts": declares("b", `import text from "./_small.csv" with { type: "text" };`),
    "_small.csv": "1,2\n",
  }));
  const { folder } = functions;
  await Deno.mkdir(folder.at("functions/_data"));
  for (let i = 0; i < 4; i++) {
    using file = await Deno.create(folder.at(`functions/_data/${i}.csv`));
    await file.truncate(500 * 1024 * 1024);
  }
  const before = Deno.memoryUsage().rss;
  assert.deepEqual(told(await functions.read()), { a: "a", b: "b" });
  assert.ok(Deno.memoryUsage().rss - before < 100 * 1024 * 1024);
});

Deno.test("A file that imports what never ends, or nobody writes to, costs itself alone", async () => {
  await using functions = await withFunctions(inFolder({
    "a.ts": declares("a"),
    "pipe.ts": declares("pipe", `import "./_pipe.ts";`),
    "zero.ts": declares("zero", `import "/dev/zero";`),
  }));
  await new Deno.Command("mkfifo", { args: [functions.folder.at("functions/_pipe.ts")] }).output();
  const { a, ...others } = told(await functions.read());
  assert.equal(a, "a");
  assert.deepEqual(Object.keys(others).sort(), ["pipe", "zero"]);
});

Deno.test("A version whose files are others by now is started from a copy", async () => {
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

Deno.test("What was read is remembered, for the files it was read from and the same release", async () => {
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
  /** Declarations are written where one can see whether they were read from there. */
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

Deno.test("Where no copy can be kept the functions run all the same, and it is said", async () => {
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
  assert.match(said.join("\n"), /^No copy of .*f\.ts can be kept: /);
});
