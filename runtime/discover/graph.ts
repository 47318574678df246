import { type Imports, type ModuleOptions, type Modules, readModules } from "./modules.ts";

/**
 * For each function file the local modules and the packages it imports, by whatever way, at once or later, in order;
 * modules that are missing are among them, so that it is known when they come. Hopper's own are not.
 */
export type Graph = ReadonlyMap<string, Imports>;

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
  return [...graph].filter(([file, { files }]) => paths.has(file) || files.some((path) => paths.has(path)))
    .map(([file]) => file);
}

function reachable(file: string, modules: Modules): Imports {
  const found = new Set<string>([file]);
  const packages = new Set<string>();
  // A set is walked over what is added to it meanwhile as well.
  for (const path of found) {
    modules.get(path)?.files.forEach((imported) => found.add(imported));
    modules.get(path)?.packages.forEach((name) => packages.add(name));
  }
  found.delete(file);
  return { files: [...found].sort(), packages: [...packages].sort() };
}
