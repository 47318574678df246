/** Reading declarations: what one file does costs that file alone, and what is known is not read again. */

import assert from "node:assert/strict";
import { Dependencies } from "../../runtime/host/dependencies.ts";
import { FunctionReader, type ReadFile } from "../../runtime/host/reader.ts";
import { type Folder, withFolder } from "../support/folder.ts";
import { projectConfig, withProcesses } from "../support/processes.ts";

/** A file that declares the queue `name`, and does something before. */
const declares = (name: string, does = "") =>
  `import { queue } from "hopper";\n${does}\nexport default queue("${name}", () => {});`;

/** A reader of a folder, which says how many processes it has asked for. */
async function reading(folder: Folder, { onLate }: { onLate?: () => void } = {}) {
  await using stack = new AsyncDisposableStack();
  const processes = stack.use(await withProcesses());
  let started = 0;
  const counting = {
    take: (...args: Parameters<typeof processes.pool.take>) => {
      started++;
      return processes.pool.take(...args);
    },
  } as typeof processes.pool;
  const reader = new FunctionReader(folder.path, counting, new Dependencies(projectConfig), onLate);
  stack.defer(() => reader.close());
  stack.use({ [Symbol.asyncDispose]: () => processes.pool.close() });
  const owned = stack.move();
  const isolate: "process" | "inline" = "process";
  return {
    /** Reads these files; the results by name. */
    async read(...names: string[]): Promise<Record<string, ReadFile>> {
      const files = names.map((name) => ({
        name,
        file: `${name}.ts`,
        path: folder.at(`${name}.ts`),
        isolate,
      }));
      const results = await reader.read(files);
      return Object.fromEntries(names.map((name, i) => [name, results[i]!]));
    },
    get started() {
      return started;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What was read: the queue's name, or what is wrong. */
function told(result: ReadFile | undefined): string {
  if (result?.kind === "problem") return result.problem.message;
  return (result!.declaration.trigger as { queue: string }).queue;
}

const toldAll = (results: Record<string, ReadFile>) =>
  Object.fromEntries(Object.entries(results).map(([name, result]) => [name, told(result)]));

Deno.test("Many files are read by few processes", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `f${i}`);
  await using folder = await withFolder(
    Object.fromEntries(names.map((name) => [`${name}.ts`, declares(name)])),
  );
  await using reader = await reading(folder);

  const results = await reader.read(...names);

  assert.deepEqual(toldAll(results), Object.fromEntries(names.map((name) => [name, name])));
  assert.equal(reader.started, 2);
});

Deno.test("What has not changed, nor anything it imports, is not read again", async () => {
  await using folder = await withFolder({
    "a.ts": declares("a", `import "./_lib/x.ts";`),
    "b.ts": declares("b"),
    "c.ts": declares("c", `const later = () => import("./_lib/y.ts");`),
    "_lib/x.ts": `import "./y.ts";`,
    "_lib/y.ts": "",
    "_lib/unused.ts": "",
  });
  await using reader = await reading(folder);
  const first = await reader.read("a", "b", "c");
  const startedFirst = reader.started;

  const same = await reader.read("a", "b", "c");
  assert.ok(Object.keys(first).every((name) => same[name] === first[name]), "the very same results");
  await Deno.writeTextFile(folder.at("_lib/unused.ts"), "changed();");
  const still = await reader.read("a", "b", "c");
  assert.ok(Object.keys(first).every((name) => still[name] === first[name]), "of what nobody imports");
  assert.equal(reader.started, startedFirst);

  await Deno.writeTextFile(folder.at("_lib/y.ts"), "export const y = 1;");
  const changed = await reader.read("a", "b", "c");
  assert.deepEqual(Object.keys(first).filter((name) => changed[name] !== first[name]), ["a", "c"]);
  const [a, c] = [changed.a!, changed.c!];
  assert.ok(a.kind === "declaration" && a.code.kind === "process");
  assert.equal(Object.keys(a.code.sources.files).length, 3);
  assert.ok(c.kind === "declaration" && c.code.kind === "process");
  assert.equal(Object.keys(c.code.sources.files).length, 2);
});

Deno.test("A file that could not be read is tried again when anything has changed", async () => {
  await using folder = await withFolder({
    "a.ts": declares("a", `import "./_x.ts";`),
    "b.ts": declares("b"),
  });
  await using reader = await reading(folder);
  assert.match(told((await reader.read("a", "b")).a), /Module not found/);
  const { started } = reader;
  await reader.read("a", "b");
  assert.equal(reader.started, started, "nothing has changed");

  await Deno.writeTextFile(folder.at("_x.ts"), "");
  assert.deepEqual(toldAll(await reader.read("a", "b")), { a: "a", b: "b" });
});

Deno.test("What a file does at its top costs that file alone, and is told", async () => {
  await using folder = await withFolder({
    "a_good.ts": declares("good"),
    "exits.ts": declares("exits", "Deno.exit(3);"),
    "aborts.ts": declares("aborts", "process.abort();"),
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
    "forges.ts": `import { FramePipe } from "${import.meta.resolve("../../runtime/host/wire/pipe.ts")}";
      FramePipe.prototype.send.call(new Proxy({}, {}), 1);`,
    "z_good.ts": declares("also good"),
  });
  await using reader = await reading(folder);

  const names = [
    "a_good",
    "exits",
    "aborts",
    "fills",
    "throws",
    "throws_later",
    "asks",
    "permits",
    "forges",
    "z_good",
  ];
  const { forges, ...results } = toldAll(await reader.read(...names));

  const ends = "The file ends its process when it is loaded: it";
  const fails = "The file fails to load: Error:";
  assert.deepEqual(results, {
    a_good: "good",
    exits: `${ends} exited with code 3`,
    aborts: `${ends} was ended by SIGABRT`,
    fills: `${ends} ran out of memory: its setting 'memory' is 128MB`,
    throws: `${fails} No`,
    throws_later: `${ends} ended with an error that nobody caught: Error: Late`,
    asks: `${fails} Nobody answers`,
    permits: `${fails} denied`,
    z_good: "also good",
  });
  assert.match(forges!, /^The file fails to load: TypeError/);
});

Deno.test("Nobody waits longer than a second for a file that never ends loading", async () => {
  const late = Promise.withResolvers<void>();
  await using folder = await withFolder({
    "a_loops.ts": declares("loops", "for (;;);"),
    "b.ts": declares("b"),
    "c_waits.ts": declares("waits", "await new Promise(() => {});"),
    "d.ts": declares("d"),
  });
  await using reader = await reading(folder, { onLate: late.resolve });

  const results = toldAll(await reader.read("a_loops", "b", "c_waits", "d"));

  const slow =
    "It has not finished loading after 1 s, in which packages may still be fetched; the others do not wait for it";
  assert.deepEqual(results, { a_loops: slow, b: "b", c_waits: slow, d: "d" });
});

Deno.test("What a file leaves behind is not held against the next one in its process", async () => {
  await using folder = await withFolder({
    "a.ts": declares("a", "setTimeout(() => Deno.exit(5), 100);"),
    "b.ts": declares("b", "setTimeout(() => { throw new Error('Late'); }, 100);"),
    "c.ts": declares("c", "await new Promise((resolve) => setTimeout(resolve, 250));"),
    "d.ts": declares("d", "await new Promise((resolve) => setTimeout(resolve, 250));"),
  });
  await using reader = await reading(folder);

  assert.deepEqual(toldAll(await reader.read("a", "b", "c", "d")), { a: "a", b: "b", c: "c", d: "d" });
});

const pipe = import.meta.resolve("../../runtime/host/wire/pipe.ts");

/** A file that has a say in what its process tells of the files after it. */
const forger = (head: string) =>
  declares(
    "forger",
    `import { FramePipe } from "${pipe}";
     const { send } = FramePipe.prototype;
     let files = 0;
     FramePipe.prototype.send = function (kind: number, id: number, head?: any, body?: Uint8Array) {
       send.call(this, kind, id, files++ === 0 ? head : ${head}, body);
     };`,
  );

Deno.test("A file that says others are broken is not believed", async () => {
  const names = ["a_forger", "b", "c", "d"];
  await using folder = await withFolder({
    "a_forger.ts": forger(`{ problem: { message: "Broken", fix: "give up" } }`),
    ...Object.fromEntries(names.slice(1).map((name) => [`${name}.ts`, declares(name)])),
  });
  await using reader = await reading(folder);

  assert.deepEqual(toldAll(await reader.read(...names)), { a_forger: "forger", b: "b", c: "c", d: "d" });
});

Deno.test("What a file says others import is a package or nothing: no code that came along", async () => {
  const names = ["a_forger", "b", "c", "d"];
  await using folder = await withFolder({
    "a_forger.ts": forger(
      `{ ...head, loaded: ["file:///etc/passwd"], packages: ["data:text/javascript,evil()", import.meta.url, 5] }`,
    ),
    ...Object.fromEntries(names.slice(1).map((name) => [`${name}.ts`, declares(name)])),
  });
  await using reader = await reading(folder);

  for (const result of Object.values(await reader.read(...names))) {
    assert.ok(result.kind === "declaration" && result.code.kind === "process");
    assert.deepEqual(result.code.sources.packages, []);
    assert.equal(Object.keys(result.code.sources.files).length, 1);
  }
});
