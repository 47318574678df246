import { type Imports, type ModuleOptions, type Modules, ModulesUnreadable, readModules } from "./modules.ts";

/**
 * For each function file the local modules and the packages it imports, by whatever way, at once or later, in order;
 * modules that are missing are among them, so that it is known when they come. Hopper's own are not.
 */
export type Graph = ReadonlyMap<string, Imports>;

/** For each file what it imports, or why that cannot be told. */
export type Graphs = ReadonlyMap<string, Imports | ModulesUnreadable>;

// Files of which nothing could be told together are asked about alone, so many at once.
const atOnce = 4;

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
 * Reads what each file imports, though nothing can be told of some: one that imports what never ends, or a pipe that
 * nobody writes to, costs the others some seconds, once. Rejects with `ModulesUnreadable` if that is no file's fault:
 * deno.json is broken, say.
 */
export async function readGraphs(files: readonly string[], options: ModuleOptions): Promise<Graphs> {
  try {
    return await readGraph(files, options);
  } catch (error) {
    if (!(error instanceof ModulesUnreadable)) throw error;
    options.signal?.throwIfAborted();
    await readModules([], options);
    if (files.length === 1) return new Map([[files[0]!, error]]);
  }
  const graphs = new Map<string, Imports | ModulesUnreadable>();
  const left = [...files];
  const work = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      graphs.set(file, await readAlone(file, options));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return graphs;
}

/** The function files of a graph that are among these paths, or import one of them. */
export function affected(graph: Graph, changed: readonly string[]): string[] {
  const paths = new Set(changed);
  return [...graph].filter(([file, { files }]) => paths.has(file) || files.some((path) => paths.has(path)))
    .map(([file]) => file);
}

async function readAlone(file: string, options: ModuleOptions): Promise<Imports | ModulesUnreadable> {
  try {
    return (await readGraph([file], options)).get(file)!;
  } catch (error) {
    if (error instanceof ModulesUnreadable) return error;
    throw error;
  }
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
