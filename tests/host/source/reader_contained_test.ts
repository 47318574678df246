/** What a file does while it is read affects only that file. */

import assert from "node:assert/strict";
import { withFunctions } from "../../support/functions.ts";
import { declares, inFolder, told } from "./declaring.ts";

/** Waits for the reports about late files. */
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

Deno.test("Top-level code of a file that exits, throws or fills the memory affects only that file, and is reported", async () => {
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

Deno.test("A file that never finishes loading is reported after some time, and does not delay the others", async () => {
  const late = lateness();
  await using functions = await withFunctions(
    inFolder({
      "a_loops.ts": declares("loops", "for (;;);"),
      "b.ts": declares("b"),
      "c_waits.ts": declares("waits", "await new Promise(() => {});"),
    }),
    { limits: { othersMs: 1_000, slowMs: 1_000, onLate: late.onLate } },
  );
  const slow =
    "It has not finished loading after 1 s, in which packages may still be fetched; the others do not wait for it";
  let read = told(await functions.read());
  for (; read.a_loops === "pending" || read.c_waits === "pending"; read = told(await functions.read())) {
    await late.next();
  }
  assert.deepEqual(read, { a_loops: slow, b: "b", c_waits: slow });

  // They are still being read, and the next read does not wait for them again.
  await Deno.writeTextFile(functions.folder.at("functions/d.ts"), declares("d"));
  let again = told(await functions.read());
  for (; again.d === "pending"; again = told(await functions.read())) await late.next();
  assert.deepEqual(again, { a_loops: slow, b: "b", c_waits: slow, d: "d" });
});

Deno.test("A file that patches its globals does not change what other files declare", async () => {
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

Deno.test("A file that declares something else when it runs is refused", async () => {
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
    /It declares something different each time it is loaded/,
  );
});

Deno.test("While it is read, a file may read its own modules and nothing else", async () => {
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

Deno.test("Large data files beside functions are not read", async () => {
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

Deno.test("A file that imports a pipe or an endless device affects only itself", async () => {
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
