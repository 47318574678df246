/** Processes as a runtime starts them for its functions, without a runtime. */

import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { lendCache } from "../../runtime/host/cache.ts";
import { Guard } from "../../runtime/host/guard.ts";
import { type LoadedThere, loadInto } from "../../runtime/host/load_into.ts";
import { ProcessPool } from "../../runtime/host/pool.ts";
import { MemoryWatch } from "../../runtime/host/memory_watch.ts";
import type { HostProcess } from "../../runtime/host/process.ts";
import type { ProcessSpec } from "../../runtime/host/spawn.ts";

/** The project's deno.json. */
export const projectConfig: string = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What a process may do unless a test says otherwise: nothing. */
export const plainSpec: ProcessSpec = { permissions: [], env: {}, memory: 128 };

/** Starts processes; those that are left, and the folder they need, are gone at the end. */
export interface Processes extends AsyncDisposable {
  readonly pool: ProcessPool;
  /** Folder that goes with the runtime. */
  readonly folder: string;
  start(spec?: Partial<ProcessSpec>): Promise<HostProcess>;
}

/** Makes what processes need; `warm` are kept ready. */
export async function withProcesses(warm = 0): Promise<Processes> {
  const folder = await Deno.makeTempDir({ prefix: "hopper-" });
  const guard = new Guard(folder);
  const cache = join(folder, "cache");
  await lendCache(cache);
  const home = { config: projectConfig, cache, sockets: folder, memory: new MemoryWatch(), guard };
  const pool = new ProcessPool(home, warm);
  return {
    pool,
    folder,
    start: (spec = {}) => pool.take({ ...plainSpec, ...spec }),
    async [Symbol.asyncDispose]() {
      await pool.close();
      await guard.close();
    },
  };
}

/** A folder that is on no disk: what is loaded from it comes as text. */
export const nowhere = "/nowhere/functions/";

/** Has a process load the first of these files, which may import the others; they are on no disk. */
export async function loadTexts(
  process: HostProcess,
  files: Readonly<Record<string, string>>,
  ms?: number,
): Promise<LoadedThere> {
  const urlOf = (name: string) => pathToFileURL(nowhere + name).href;
  const texts = Object.fromEntries(Object.entries(files).map(([name, text]) => [urlOf(name), text]));
  const [file] = Object.keys(files);
  const name = file!.replace(/\.[a-z]+$/, "");
  const entry = urlOf(file!);
  return await loadInto(
    process,
    { name, file: file!, entry, folder: urlOf(""), packages: [], named: [] },
    texts,
    texts,
    ms,
  );
}
