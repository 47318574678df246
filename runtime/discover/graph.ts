import { createHash } from "node:crypto";
import { type ModuleOptions, readModules } from "./modules.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * For each function file the local modules it imports, by whatever way, in order; absolute paths all of them. Modules
 * that are missing are among them, so that it is known when they come. Neither packages nor Hopper's own are.
 */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * Reads what function files import. One that cannot be parsed, or is gone, imports nothing as far as one can tell.
 * Rejects with `ModulesUnreadable` if nothing can be told of any.
 */
export async function readGraph(files: readonly string[], options: ModuleOptions = {}): Promise<Graph> {
  if (files.length === 0) return new Map();
  const modules = await readModules(files, options);
  return new Map(files.map((file) => [file, reachable(file, modules)]));
}

/**
 * The graph after a change: `files` are the function files there are now, `changed` the paths that are new, changed or
 * gone. Only what may import something else than before is read. Rejects as `readGraph` does.
 */
export async function refreshGraph(
  before: Graph,
  files: readonly string[],
  changed: readonly string[],
  options: ModuleOptions = {},
): Promise<Graph> {
  const stale = new Set(affected(before, changed));
  const read = await readGraph(files.filter((file) => stale.has(file) || !before.has(file)), options);
  return new Map(files.map((file) => [file, read.get(file) ?? before.get(file) ?? []]));
}

/** The function files of a graph that are among these paths, or import one of them. */
export function affected(graph: Graph, changed: readonly string[]): string[] {
  const paths = new Set(changed);
  return [...graph].filter(([file, imports]) => paths.has(file) || imports.some((path) => paths.has(path)))
    .map(([file]) => file);
}

/** Every module that a function file of the graph imports, each once: what is to be watched beside the files. */
export function importedModules(graph: Graph): string[] {
  return [...new Set([...graph.values()].flat())].sort();
}

/** Another one if and only if the function's file or a local module it imports is another, or has other content. */
export function fingerprint(file: string, graph: Graph, snapshot: Snapshot): string {
  const hash = createHash("sha256");
  for (const path of partsOf(file, graph)) hash.update(`${path}\0${snapshot.get(path)?.hash ?? ""}\0`);
  return hash.digest("base64url");
}

/** What everybody may write of a function's file and the local modules it imports. */
export function exposedParts(file: string, graph: Graph, snapshot: Snapshot): string[] {
  return partsOf(file, graph).filter((path) => snapshot.get(path)?.exposed);
}

function partsOf(file: string, graph: Graph): readonly string[] {
  return [file, ...graph.get(file) ?? []];
}

function reachable(file: string, modules: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>([file]);
  // A set is walked over what is added to it meanwhile as well.
  for (const path of found) modules.get(path)?.forEach((imported) => found.add(imported));
  found.delete(file);
  return [...found].sort();
}
