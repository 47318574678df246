/** Starts processes as a runtime does for its functions, without a runtime. */

import { fileURLToPath, pathToFileURL } from "node:url";
import { Guard } from "../../runtime/host/process/reaper.ts";
import { type LoadedThere, loadIn } from "../../runtime/host/process/load_into.ts";
import { MemoryWatch } from "../../runtime/host/process/memory_watch.ts";
import { Packages } from "../../runtime/host/source/packages.ts";
import { RuntimeFolder } from "../../runtime/host/process/runtime_folder.ts";
import { ProcessPool } from "../../runtime/host/process/pool.ts";
import type { HostProcess } from "../../runtime/host/process/process.ts";
import type { ProcessSpec } from "../../runtime/host/process/spawn.ts";
import { withFolder } from "./folder.ts";

/** The project's deno.json. */
export const projectConfig: string = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** A process may only read its function, unless a test sets other permissions. */
export const plainSpec: ProcessSpec = { program: "function", permissions: [], env: {}, memory: 128 };

/** Starts processes. Those that are left, and their folder, are removed at the end. */
export interface Processes extends AsyncDisposable {
  readonly pool: ProcessPool;
  /** The folder that belongs to the runtime. */
  readonly folder: string;
  /** The ids of the running processes. */
  readonly alive: ReadonlySet<number>;
  /** Resolves when the next process has ended. */
  nextGone(): Promise<void>;
  start(spec?: Partial<ProcessSpec>): Promise<HostProcess>;
  /** Makes a process load the first of these files, which may import the others. */
  load(process: HostProcess, files: Readonly<Record<string, string>>, ms?: number): Promise<LoadedThere>;
}

/** Prepares what processes need. */
export async function withProcesses({ aheadMs }: { aheadMs?: number } = {}): Promise<Processes> {
  const code = await withFolder();
  const folder = await RuntimeFolder.make();
  const guard = new Guard(folder.path);
  const packages = new Packages({ config: projectConfig, lock: folder.lock, guard });
  const alive = new Set<number>();
  let gone = Promise.withResolvers<void>();
  const noted = {
    add(pid: number) {
      alive.add(pid);
      guard.add(pid);
    },
    remove(pid: number) {
      alive.delete(pid);
      guard.remove(pid);
      gone.resolve();
      gone = Promise.withResolvers();
    },
  };
  const pool = new ProcessPool({ packages, folder, memory: new MemoryWatch(), guard: noted }, aheadMs);
  return {
    pool,
    alive,
    nextGone: () => gone.promise,
    folder: folder.path,
    start: ({ permissions = [], ...spec } = {}) =>
      pool.start(
        { ...plainSpec, ...spec, permissions: [`--allow-read=${code.path}`, ...permissions] },
        code.at("f.ts"),
      ),
    load(process, files, ms) {
      for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(code.at(name), text);
      const [file] = Object.keys(files);
      const entry = pathToFileURL(code.at(file!)).href;
      return loadIn(
        process,
        {
          name: file!.replace(/\.[a-z]+$/, ""),
          file: file!,
          entry,
          use: [],
          values: {},
          memory: plainSpec.memory,
        },
        ms,
      );
    },
    async [Symbol.asyncDispose]() {
      await pool.close();
      await guard.close();
      await code[Symbol.asyncDispose]();
    },
  };
}
