import assert from "node:assert/strict";
import { look } from "../../../runtime/discover/folder/snapshot.ts";
import type { WatchFs } from "../../../runtime/discover/folder/hints.ts";
import { eventually } from "../../support/eventually.ts";
import { withFolder } from "../../support/folder.ts";
import { Watching, watching } from "./watching.ts";

/** A system that cannot report changes. */
const noHints = () => {
  throw new Error("No space left on device (os error 28)");
};

Deno.test("Without an earlier snapshot all files are reported at once", async () => {
  await using folder = await withFolder({ "hello.ts": "1", "_lib/x.ts": "1" });
  await using watching = new Watching(folder.path);

  await watching.tells("hello.ts", "_lib/x.ts");

  assert.equal(watching.told.length, 1);
  assert.deepEqual([...watching.snapshot.files.keys()].sort(), [
    folder.at("_lib/x.ts"),
    folder.at("hello.ts"),
  ]);
});

Deno.test("A file that is dropped, edited, moved or removed is reported", async () => {
  await using folder = await withFolder({ "a.ts": "1" });
  await using watcher = await watching(folder);

  await Deno.writeTextFile(folder.at("new.ts"), "1");
  await watcher.tells("new.ts");
  await Deno.writeTextFile(folder.at("a.ts"), "2");
  await watcher.tells("a.ts");
  await Deno.rename(folder.at("a.ts"), folder.at("moved.ts"));
  await watcher.tells("moved.ts");
  await Deno.remove(folder.at("new.ts"));
  await watcher.until("new.ts gone", () => !watcher.snapshot.files.has(folder.at("new.ts")));

  assert.deepEqual(watcher.told, [["new.ts"], ["a.ts"], ["a.ts", "moved.ts"], ["new.ts"]]);
});

Deno.test("A file that is saved without a change is not reported", async () => {
  await using folder = await withFolder({ "a.ts": "1" });
  await using watcher = await watching(folder);

  await Deno.writeTextFile(folder.at("a.ts"), "1");
  await Deno.writeTextFile(folder.at("last.ts"), "1");
  await watcher.tells("last.ts");

  assert.deepEqual(watcher.told, [["last.ts"]]);
});

Deno.test("Many changes in a short time are reported together", async () => {
  await using folder = await withFolder();
  await using watcher = await watching(folder);

  const names = Array.from({ length: 200 }, (_, i) => `f${i}.ts`);
  for (const name of names) Deno.writeTextFileSync(folder.at(name), name);
  await watcher.tells(...names);

  assert.equal(watcher.told.length, 1);
});

/** Appends to a file every few milliseconds, in this thread: more often than the watcher looks at it. */
async function slowWriter(path: string) {
  const file = await Deno.open(path, { create: true, append: true });
  const write = (text: string) => file.writeSync(new TextEncoder().encode(text));
  let written = 0;
  let more = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    write(`// ${++written}\n`);
    more.resolve();
    more = Promise.withResolvers();
  }, 2);
  return {
    async wrote(lines: number) {
      await eventually(`${lines} lines`, () => written >= lines, () => more.promise, () => [written]);
    },
    finish(text: string) {
      clearInterval(timer);
      write(text);
      file.close();
    },
  };
}

Deno.test("A file is reported only when its writer has finished", async () => {
  await using folder = await withFolder();
  const writer = await slowWriter(folder.at("slow.ts"));
  await using watcher = new Watching(folder.path, { settleMs: 50 });

  await writer.wrote(30);
  writer.finish("export default 1;");
  await watcher.tells("slow.ts");

  assert.deepEqual(watcher.told, [["slow.ts"]]);
  const whole = await look({ folder: folder.path, files: [] });
  assert.equal(
    watcher.snapshot.files.get(folder.at("slow.ts"))!.hash,
    whole.files.get(folder.at("slow.ts"))!.hash,
  );
});

Deno.test("A file that is written without end does not delay the others", async () => {
  await using folder = await withFolder({ "hello.ts": "1" });
  const writer = await slowWriter(folder.at("growing.log"));
  await using watcher = new Watching(folder.path);

  await watcher.tells("hello.ts");
  assert.deepEqual(watcher.told, [["hello.ts"]]);

  writer.finish("");
  await watcher.tells("growing.log");
});

Deno.test("Changes that happen while one is being applied are reported together after it", async () => {
  await using folder = await withFolder();
  const busy = Promise.withResolvers<void>();
  const taken: string[] = [];
  await using watcher = await watching(folder, {}, async () => {
    taken.push("begin");
    await busy.promise;
    taken.push("end");
  });

  await Deno.writeTextFile(folder.at("a.ts"), "1");
  await watcher.tells("a.ts");
  await Deno.writeTextFile(folder.at("b.ts"), "1");
  await Deno.writeTextFile(folder.at("c.ts"), "1");
  busy.resolve();
  await watcher.tells("b.ts", "c.ts");

  assert.deepEqual(watcher.told, [["a.ts"], ["b.ts", "c.ts"]]);
  assert.deepEqual(taken.slice(0, 3), ["begin", "end", "begin"]);
});

Deno.test("A change that cannot be applied is reported as trouble, and the next change still comes", async () => {
  await using folder = await withFolder();
  await using watcher = await watching(folder, {}, () => Promise.reject(new Error("boom")));

  await Deno.writeTextFile(folder.at("a.ts"), "1");
  await watcher.until("trouble", () => watcher.troubles.length > 0);
  await Deno.writeTextFile(folder.at("b.ts"), "1");
  await watcher.tells("b.ts");

  assert.equal(watcher.troubles[0], "A change could not be applied and will be tried again: Error: boom");
});

Deno.test("Without events from the system changes are found by regular scans, which is said once", async () => {
  await using folder = await withFolder();
  await using watcher = await watching(folder, { watchFs: noHints, rescanMs: 10 });

  await Deno.mkdir(folder.at("billing/eu"), { recursive: true });
  await Deno.writeTextFile(folder.at("billing/eu/refund.ts"), "1");
  await watcher.tells("billing/eu/refund.ts");
  await Deno.remove(folder.at("billing"), { recursive: true });
  await watcher.until("billing gone", () => watcher.snapshot.files.size === 0);

  assert.equal(watcher.troubles.length, 1);
  assert.match(watcher.troubles[0]!, /^The system does not report changes below .*No space left on device/);
  assert.match(
    watcher.troubles[0]!,
    /so Hopper looks every 10 ms instead of at once; on Linux raise fs\.inotify/,
  );
});

Deno.test("A folder that vanishes keeps its last state, is reported once, and is watched again when it is back", async () => {
  await using project = await withFolder({ "functions/a.ts": "1" });
  const folder = { ...project, path: project.at("functions") };
  await using watcher = await watching(folder, { rescanMs: 10 });

  await Deno.rename(folder.path, project.at("away"));
  await watcher.until("trouble", () => watcher.troubles.length > 0);
  await Deno.mkdir(folder.path);
  await Deno.writeTextFile(project.at("functions/b.ts"), "1");
  await watcher.tells("b.ts");

  assert.deepEqual(watcher.told, [["a.ts", "b.ts"]]);
  assert.match(
    watcher.troubles[0]!,
    /functions cannot be read, so the running functions stay as they are: NotFound: /,
  );
  assert.equal(watcher.troubles.length, 1);
});

Deno.test("A folder that replaces another one is watched like the first", async () => {
  await using project = await withFolder({ "functions/a.ts": "1", "next/a.ts": "2" });
  const folder = { ...project, path: project.at("functions") };
  let listened = 0;
  const watchFs: WatchFs = (paths, options) => {
    const heard = Deno.watchFs(paths, options);
    watcher.note(() => listened++);
    return heard;
  };
  await using watcher = await watching(folder, { watchFs, rescanMs: 10 });

  await watcher.until("listening", () => listened === 1);
  await Deno.rename(folder.path, project.at("last"));
  await Deno.rename(project.at("next"), folder.path);
  await watcher.tells("a.ts");
  await watcher.until("listening again", () => listened === 2);
  await Deno.writeTextFile(project.at("functions/b.ts"), "1");
  await watcher.tells("b.ts");
});

Deno.test("Changes of named files beside the folder are reported, also if they are named or created later", async () => {
  await using project = await withFolder({ "functions/a.ts": "1", "lib/x.ts": "1" });
  const folder = { ...project, path: project.at("functions") };
  const files = [project.at("deploy.config.ts")];
  await using watcher = await watching(folder, { files: () => files });

  await Deno.writeTextFile(project.at("deploy.config.ts"), "1");
  await watcher.tells("../deploy.config.ts");
  await Deno.writeTextFile(project.at("other.config.ts"), "1");
  files.push(project.at("lib/x.ts"));
  await Deno.writeTextFile(project.at("deploy.config.ts.new"), "2");
  await Deno.rename(project.at("deploy.config.ts.new"), project.at("deploy.config.ts"));
  await watcher.tells("../lib/x.ts");
  await Deno.writeTextFile(project.at("lib/x.ts"), "2");
  await watcher.until("x.ts again", () => watcher.told.length === 3);

  assert.deepEqual(watcher.told, [
    ["../deploy.config.ts"],
    ["../deploy.config.ts", "../lib/x.ts"],
    ["../lib/x.ts"],
  ]);
});

Deno.test("Watching ends at once, however long its waits are, and reports nothing more", async () => {
  await using folder = await withFolder({ "a.ts": "1" });
  await using waiting = await watching(folder);
  await waiting.stop();
  await using settling = new Watching(folder.path, { settleMs: 60_000 });
  await settling.stop();

  assert.deepEqual(settling.told, []);
});
