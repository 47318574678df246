/** How often the runtime reads the folder and its files. Deno's own processes are not counted. */

import assert from "node:assert/strict";
import { FunctionsFolder } from "../../runtime/app/functions_folder.ts";
import type { Catalog } from "../../runtime/discover/catalog.ts";
import { watch } from "../../runtime/discover/folder/watch.ts";
import { countDiskReads } from "../support/disk_reads.ts";
import { withFolder } from "../support/folder.ts";
import { job } from "../support/job.ts";

const declares = (answer: string) =>
  `import { rpc } from "hopper";\nimport "./_lib/x.ts";\nexport default rpc("f", () => "${answer}");`;

/** A project whose files are old enough that a later change must have another time. */
async function project() {
  const folder = await withFolder({
    "functions/f.ts": declares("old"),
    "functions/g.ts": declares("g"),
    "functions/_lib/x.ts": "",
    "next.ts": declares("new"),
  });
  // Not a whole second, which would look like a file system with coarse times.
  const then = new Date("2026-01-01T00:00:00.500Z");
  for (const name of ["functions/f.ts", "functions/g.ts", "functions/_lib/x.ts", "next.ts"]) {
    await Deno.utime(folder.at(name), then, then);
  }
  const { ctime } = await Deno.stat(folder.at("next.ts"));
  while (Date.now() - ctime!.getTime() < 50) await new Promise((go) => setTimeout(go, 5));
  return folder;
}

Deno.test("When one file changes, the folder is walked once and that file is read once until it runs", async () => {
  await using folder = await project();
  const functions = folder.at("functions");
  const opened = await FunctionsFolder.open({
    functions,
    keepsReady: true,
    memory: { folder: folder.at("data"), release: "1" },
  });
  await opened.read({});
  await Deno.rename(folder.at("next.ts"), folder.at("functions/f.ts"));
  const end = new AbortController();
  const caught: Catalog[] = [];

  using reads = countDiskReads(functions);
  const { snapshot: since } = opened;
  const files = () => opened.further;
  await watch({ folder: functions, files, since, rescanMs: 60_000, signal: end.signal }, async (snapshot) => {
    caught.push(await opened.read({}, snapshot));
    end.abort();
  });
  const declared = caught[0]!.functions.find(({ name }) => name === "f")!;
  const host = opened.hostOf(declared, {} as never, () => {});
  const outcome = await host.run(job("null"));
  await host.close();
  await opened.close();

  assert.equal(outcome.kind === "returned" && new TextDecoder().decode(outcome.output?.body), `"new"`);
  assert.deepEqual([...reads.folders], [[functions, 1], [`${functions}/_lib`, 1]]);
  assert.deepEqual([...reads.files], [[`${functions}/f.ts`, 1]]);
});

Deno.test("When the runtime starts, the folder is walked once and each file read once", async () => {
  await using folder = await project();
  const functions = folder.at("functions");
  await Deno.remove(folder.at("next.ts"));

  using reads = countDiskReads(functions);
  const opened = await FunctionsFolder.open({ functions });
  const { functions: found } = await opened.read({});
  await opened.close();

  assert.deepEqual(found.map(({ name }) => name), ["f", "g"]);
  assert.deepEqual([...reads.folders], [[functions, 1], [`${functions}/_lib`, 1]]);
  assert.deepEqual([...reads.files].toSorted(), [
    [`${functions}/_lib/x.ts`, 1],
    [`${functions}/f.ts`, 1],
    [`${functions}/g.ts`, 1],
  ]);
});
