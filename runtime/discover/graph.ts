import { type ModuleOptions, readModules } from "./modules.ts";

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

/** The function files of a graph that are among these paths, or import one of them. */
export function affected(graph: Graph, changed: readonly string[]): string[] {
  const paths = new Set(changed);
  return [...graph].filter(([file, imports]) => paths.has(file) || imports.some((path) => paths.has(path)))
    .map(([file]) => file);
}

function reachable(file: string, modules: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>([file]);
  // A set is walked over what is added to it meanwhile as well.
  for (const path of found) modules.get(path)?.forEach((imported) => found.add(imported));
  found.delete(file);
  return [...found].sort();
}
