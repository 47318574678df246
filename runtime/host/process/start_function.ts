import { pathToFileURL } from "node:url";
import { pause } from "../../core/backoff.ts";
import { type Declared, describeProblem } from "../../core/declared.ts";
import { HostUnavailable } from "../../core/ports/run_errors.ts";
import type { Version } from "../../core/version.ts";
import { attachMs, inspectedLoadMs, type InspectorSpec } from "./inspector.ts";
import { declaredText, type LoadedThere, loadIn } from "./load_into.ts";
import type { OffLimits } from "./off_limits.ts";
import type { ProcessPool } from "./pool.ts";
import type { HostProcess } from "./process.ts";
import type { LoadHead } from "../wire/messages.ts";
import type { Tree } from "../source/version_store.ts";
import { modulesOf } from "../source/middleware_modules.ts";
import { specOf } from "./spec.ts";

/** Finds the files of versions. */
export interface VersionFiles {
  /** Whether the files on the disk are those of the version. */
  isCurrent(version: Version): Promise<boolean>;
  /** A copy of the version's files. Rejects if a file was not kept. */
  treeOf(version: Version): Promise<Tree>;
}

/** A function, and what is needed to start its process. */
export interface FunctionToStart {
  readonly declared: Pick<Declared, "name" | "file" | "settings" | "bounds">;
  readonly version: Version;
  /** What its file declared when it was read. */
  readonly declares: string;
  readonly files: VersionFiles;
  readonly pool: ProcessPool;
  readonly offLimits: OffLimits;
  /** For a debugger, which may stop the process for as long as it likes. */
  readonly inspector?: InspectorSpec;
  /** Aborts when the process is not needed any more. */
  readonly stop?: AbortSignal;
}

/**
 * Starts a process and loads a version of a function in it: from the disk, or from a copy if the files on the disk have
 * changed. `links` are links that lead out of what it may read. Rejects with `HostUnavailable`.
 */
export async function startFunction(parts: FunctionToStart, links: readonly string[]): Promise<HostProcess> {
  const { files, version } = parts;
  // If a path cannot be passed to Deno, a copy is used.
  if (isNameable([...version.modules.keys()]) && await files.isCurrent(version)) {
    const process = await start(parts, links, onDisk(version), () => files.isCurrent(version));
    if (process !== undefined) return process;
  }
  return (await start(parts, links, await files.treeOf(version), () => Promise.resolve(true)))!;
}

/** Whether these paths can be passed to Deno, which splits lists at commas. */
export function isNameable(paths: readonly string[]): boolean {
  return !paths.some((path) => path.includes(","));
}

/** `undefined` if the files were changed while they were loaded. */
async function start(
  { declared, declares, version, pool, offLimits, inspector, stop }: FunctionToStart,
  links: readonly string[],
  { entry, modules, uses, config, told }: Tree,
  isStill: () => Promise<boolean>,
): Promise<HostProcess | undefined> {
  const { name, file } = declared;
  const spec = { ...await specOf(declared, { modules, offLimits, links }), config, inspector };
  const process = await pool.start(spec, entry, stop);
  const { env: values, memory } = spec;
  const use = modulesOf(version, uses);
  const head = { name, file, entry: pathToFileURL(entry).href, use, values, memory };
  const loaded = await (inspector ? loadInspected(process, head, inspector, stop) : loadIn(process, head));
  if (!await isStill()) return await process.close() as undefined;
  const problem = problemOf(loaded, declares, file);
  if (problem === undefined) return process;
  await process.close();
  throw new HostUnavailable(told(problem));
}

/** Loads the file in a process that a debugger may stop meanwhile. */
async function loadInspected(
  process: HostProcess,
  head: LoadHead,
  { waits }: InspectorSpec,
  stop: AbortSignal = new AbortController().signal,
): Promise<LoadedThere> {
  if (waits) await pause(attachMs, stop);
  const kill = () => process.kill();
  stop.addEventListener("abort", kill, { once: true });
  if (stop.aborted) kill();
  const loaded = await loadIn(process, { ...head, ms: inspectedLoadMs }, inspectedLoadMs);
  stop.removeEventListener("abort", kill);
  return loaded;
}

function onDisk({ entry, modules, uses = [] }: Version): Tree {
  return { entry, modules: [...modules.keys()], uses, config: undefined, told: (text) => text };
}

/** Why a process that has loaded the function's file cannot run it. */
function problemOf(loaded: LoadedThere, declares: string, file: string): string | undefined {
  if (loaded.kind === "problem") return describeProblem(loaded.problem);
  if (declaredText(loaded.declaration) === declares) return undefined;
  return describeProblem({
    file,
    ...loaded.place,
    message: "It declares something different each time it is loaded",
    fix: "write a declaration that is the same each time the file is loaded",
  });
}
